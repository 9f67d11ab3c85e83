import FledgeTestKit
import Testing

@Suite("Simulated stories, played on PostgreSQL")
struct StoryReplayTests {
    @Test(
        "get the answers that the model gives, and leave the rows that the model has",
        arguments: [0..<10, 10..<20, 20..<30, 30..<40] as [Range<UInt64>])
    func sameAnswers(_ seeds: Range<UInt64>) async throws {
        let difference = try await StoryReplay.difference(in: seeds)
        #expect(difference == nil)
    }

    @Test(
        "show a mistake of the model", arguments: [PlantedBug.pauseIgnoredByClaim, .expiredForgotten, .actionDropped])
    func mistake(_ bug: PlantedBug) async throws {
        let difference = try await StoryReplay.difference(in: 0..<2, bug: bug)
        #expect(difference != nil)
    }
}

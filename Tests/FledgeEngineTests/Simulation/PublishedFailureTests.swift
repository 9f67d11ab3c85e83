import FledgeTestKit
import Testing

@Suite("Failures that other engines have had")
struct PublishedFailureTests {
    @Test("do not happen to the engine's services", arguments: PublishedFailure.all)
    func story(_ failure: PublishedFailure) {
        let broken = failure.story().firstViolation(in: 0..<8)
        #expect(broken == nil, "seed \(broken?.seed ?? 0): \(broken?.violation.map { "\($0)" } ?? "")")
    }

    @Test("would be seen if they did", arguments: PublishedFailure.all)
    func planted(_ failure: PublishedFailure) {
        #expect(failure.story(isPlanted: true).firstViolation(in: 0..<20) != nil)
    }

    @Test("have each a source of their own")
    func sources() {
        #expect(Set(PublishedFailure.all.map { "\($0.repository)#\($0.issue)" }).count == PublishedFailure.all.count)
        #expect(Set(PublishedFailure.all.map(\.name)).count == PublishedFailure.all.count)
    }
}

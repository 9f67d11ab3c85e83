import FledgeCore
import FledgeDocument
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@testable import FledgeEngine

@Suite("Requests that compute for minutes", .timeLimit(.minutes(15)))
struct ComputingPlacesTests {
    private static let many = ProcessInfo.processInfo.activeProcessorCount + 2

    @Test("are bounded in number, go on in order, and leave the line when they are cancelled")
    func bounded() async throws {
        let places = ComputingPlaces(1)
        let enough = DispatchSemaphore(value: 0)
        let (begun, beginning) = AsyncStream<Void>.makeStream()
        let first = Task {
            try await places.run {
                beginning.yield()
                Self.keep(enough)
            }
        }
        for await _ in begun { break }
        let others = (0..<Self.many).map { number in Task { try await places.run { number } } }
        #expect(await eventually { places.waiting == Self.many })
        others[0].cancel()
        await #expect(throws: CancellationError.self) { try await others[0].value }
        #expect(places.waiting == Self.many - 1)
        enough.signal()
        try await first.value
        for (number, task) in others.enumerated().dropFirst() { #expect(try await task.value == number) }
        #expect(places.waiting == 0)
        #expect(try await places.run { true })
    }

    private static func keep(_ enough: DispatchSemaphore) { enough.wait() }

    @Test("leave threads to whatever else has to be answered, and end when nobody waits for them")
    func replays() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            var definition = EngineFixture.definition()
            // Found at once in what the model says.
            definition.validation?.require.append(
                CriterionDefinition(metric: .regularExpression(#"^\w+$|^(a+)+$"#), bound: .atLeast(0.01)))
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            // As if the model had said what takes the pattern longest, before there was a chain.
            try await fixture.pool.behindTheTriggers("UPDATE sample SET output = repeat('a', 64) || '!'")
            try await fixture.pool.behindTheTriggers(AuditScript.chainAnew(try await fixture.cycle().useCase.rawValue))
            let control = fixture.control
            let ended = Shared(0)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<Self.many {
                    group.addTask {
                        defer { ended.withLock { $0 += 1 } }
                        do {
                            _ = try await control.replay(name: "parity")
                            return false
                        } catch { return Task.isCancelled }
                    }
                }
                let isFull = await eventually { ComputingPlaces.shared.waiting >= 2 }
                #expect(isFull)
                for _ in 0..<50 { await Task.detached {}.value }
                #expect(ended.withLock { $0 } == 0)
                group.cancelAll()
                for await isCancelled in group { #expect(isCancelled) }
            }
        }
    }
}

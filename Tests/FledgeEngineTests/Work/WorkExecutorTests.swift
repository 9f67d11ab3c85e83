import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Synchronization
import Testing

@Suite("Work that keeps its threads", .timeLimit(.minutes(15)))
struct WorkExecutorTests {
    /// Keeps its thread until somebody says that it is enough, as what computes does.
    private final class BusyHandler: WorkHandler, Sendable {
        let started = Atomic(0)
        private let enough = DispatchSemaphore(value: 0)

        func handle(_ item: WorkItem) async throws -> WorkOutcome {
            started.add(1, ordering: .relaxed)
            keep()
            return .finished
        }

        private func keep() {
            enough.wait()
            enough.signal()
        }

        func end() { enough.signal() }
    }

    @Test("leaves threads to whatever else has to be answered")
    func others() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let count = 4 * ProcessInfo.processInfo.activeProcessorCount
            for number in 0..<count {
                try await fixture.store.enqueue(
                    report: ReportRequest(
                        useCase: nil, schedule: nil, slot: nil, from: nil, formats: [.json], key: "k\(number)"))
            }
            let handler = BusyHandler()
            var settings = WorkerService.Settings()
            settings.concurrency = count
            let worker = WorkerService(
                worker: "busy", host: "here", processID: 1, settings: settings, queue: fixture.store,
                cycles: CycleService(stores: fixture.store), handlers: [.writeReport: handler],
                logger: PostgresFixture.shared.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                // As many as there are processors keep their threads, and yet this goes on.
                let isBusy = await eventually {
                    handler.started.load(ordering: .relaxed) >= ProcessInfo.processInfo.activeProcessorCount
                }
                #expect(isBusy)
                for _ in 0..<50 { await Task.detached {}.value }
                #expect(try await fixture.store.depth().leased == count)
                handler.end()
                let isDone = try await eventually {
                    let depth = try await fixture.store.depth()
                    return depth.leased == 0 && depth.due == 0
                }
                #expect(isDone)
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}

@Suite("A server's word on what a call used")
struct ServersWordTests {
    @Test(
        "counts as nothing where no call can have used it",
        arguments: [3_000_000_000, Int.max, .min, -1, 1_000_000_001])
    func implausible(tokens: Int) {
        let completion = Completion(
            text: "a", finishReason: "stop", promptTokens: tokens, cachedTokens: tokens, completionTokens: tokens,
            latencyMicroseconds: 1)
        #expect(completion.promptTokens == nil && completion.completionTokens == nil && completion.cachedTokens == 0)
    }

    @Test("is kept where it can be true, and both counts fit into 31 bits together")
    func plausible() {
        let completion = Completion(
            text: "a", finishReason: "stop", promptTokens: 1_000_000_000, cachedTokens: 7,
            completionTokens: 1_000_000_000, latencyMicroseconds: 1)
        let sum = (completion.promptTokens ?? .max).saturatingSum(completion.completionTokens ?? .max)
        #expect(sum == 2_000_000_000 && sum <= Int(Int32.max))
    }
}

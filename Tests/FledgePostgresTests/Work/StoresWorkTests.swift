import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation
import PostgresClient
import Testing

@Suite("The work queue in PostgreSQL")
struct StoresWorkTests {
    static func report(_ key: String) -> ReportRequest {
        ReportRequest(
            useCase: nil, schedule: nil, slot: Date(timeIntervalSince1970: 1_700_000_000.125), from: nil,
            formats: [.html],
            key: key)
    }

    @Test("many workers at once claim every piece of work exactly once")
    func exclusive() async throws {
        try await StoresFixture.run { fixture in
            for index in 0..<120 { try await fixture.store.enqueue(report: Self.report("r\(index)")) }
            let claimed = try await withThrowingTaskGroup(of: [WorkItemID].self) { group in
                for worker in 0..<16 {
                    group.addTask {
                        var mine: [WorkItemID] = []
                        while true {
                            let items = try await fixture.store.claim(
                                limit: 3, worker: "w\(worker)", lease: .seconds(60))
                            if items.isEmpty { return mine }
                            mine += items.map(\.lease.item)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 120 && Set(claimed).count == 120)
        }
    }

    @Test("only one piece of a cycle's work is leased at a time, however many workers ask")
    func onePieceACycle() async throws {
        try await StoresFixture.run { fixture in
            var cycles: [Cycle] = []
            for index in 0..<6 {
                let cycle = try await fixture.startedCycle("case-\(index)")
                // A block leaves the experiment and the notification waiting side by side.
                cycles.append(try await fixture.advance(cycle, by: .workFailed(code: "x", message: "y")))
            }
            let claimed = try await withThrowingTaskGroup(of: [WorkItem].self) { group in
                for worker in 0..<12 {
                    group.addTask {
                        try await fixture.store.claim(limit: 20, worker: "w\(worker)", lease: .seconds(3600))
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.compactMap(\.cycle).sorted() == cycles.map(\.id).sorted())
            #expect(Set(claimed.map(\.kind)) == [.runExperiment])
            for item in claimed { try await fixture.store.finish(item.lease) }
            let next = try await fixture.store.claim(limit: 20, worker: "w", lease: .seconds(3600))
            #expect(next.count == 6 && next.allSatisfy { $0.action == .notify("blocked") })
        }
    }

    @Test("work whose lease has run out goes to another worker, and counts as an attempt")
    func expiry() async throws {
        try await StoresFixture.run { fixture in
            try await fixture.store.enqueue(report: Self.report("r"))
            let first = try await fixture.store.claim(limit: 1, worker: "a", lease: .zero)[0]
            let second = try await fixture.store.claim(limit: 1, worker: "b", lease: .seconds(3600))[0]
            #expect(second.lease.item == first.lease.item && second.attempt == 2)
            #expect(try await fixture.store.claim(limit: 1, worker: "c", lease: .seconds(3600)).isEmpty)
            #expect(try await fixture.store.renew(first.lease, for: .seconds(60)) == false)
            #expect(try await fixture.store.renew(second.lease, for: .seconds(60)))
            let failure = await code { try await fixture.store.finish(first.lease) }
            #expect(failure == "work.lost")
            try await fixture.store.finish(second.lease)
        }
    }

    @Test("a paused cycle's work is neither claimed nor renewed, and goes on after a resume")
    func pause() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let work = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600))[0]
            let paused = try await fixture.advance(cycle, by: .paused)
            #expect(try await fixture.store.renew(work.lease, for: .seconds(60)) == false)
            try await fixture.store.release(work.lease, after: .zero, countsAsAttempt: false, error: nil)
            #expect(try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600)).isEmpty)
            try await fixture.advance(paused, by: .resumed)
            let again = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600))
            #expect(again.map(\.attempt) == [1], "a pause is not an attempt")
        }
    }

    @Test("work given back waits for its delay, with its error kept")
    func giveBack() async throws {
        try await StoresFixture.run { fixture in
            try await fixture.store.enqueue(report: Self.report("r"))
            let work = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600))[0]
            let error = FledgeError("model.timeout", "no answer")
            try await fixture.store.release(work.lease, after: .seconds(3600), countsAsAttempt: true, error: error)
            #expect(try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600)).isEmpty)
            #expect(try await fixture.store.depth() == (due: 0, leased: 0, dead: 0))
            let row = try await fixture.pool.query("SELECT attempts, error_code FROM work_item")[0]
            #expect(try row.get("attempts", as: Int.self) == 1)
            #expect(try row.get("error_code", as: String.self) == "model.timeout")
        }
    }

    @Test("a report is enqueued once for its key, and comes back as it was asked for")
    func reportOnce() async throws {
        try await StoresFixture.run { fixture in
            for _ in 0..<3 { try await fixture.store.enqueue(report: Self.report("same")) }
            let claimed = try await fixture.store.claim(limit: 5, worker: "w", lease: .seconds(3600))
            #expect(claimed.map(\.report) == [Self.report("same")])
            #expect(claimed.map(\.kind) == [.writeReport])
        }
    }

    @Test("new work is hinted at", .timeLimit(.minutes(15)))
    func hint() async throws {
        try await StoresFixture.run { fixture in
            var hints = await fixture.store.hints().makeAsyncIterator()
            #expect(await hints.next() != nil, "a listener that has just begun is a hint")
            try await fixture.store.enqueue(report: Self.report("r"))
            #expect(await hints.next() != nil)
        }
    }

    @Test("hints come again after the listener's connection has ended", .timeLimit(.minutes(15)))
    func listensAgain() async throws {
        try await StoresFixture.run { fixture in
            var hints = await fixture.store.hints().makeAsyncIterator()
            #expect(await hints.next() != nil)
            let ended = try await fixture.pool.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'LISTEN%'
                """)
            #expect(ended.count == 1)
            // What is sent while nobody listens is lost: listening again is a hint by itself.
            try await fixture.store.enqueue(report: Self.report("while nobody listened"))
            #expect(await hints.next() != nil, "a hint to look for what was lost")
            try await fixture.store.enqueue(report: Self.report("after"))
            #expect(await hints.next() != nil)
        }
    }

    @Test("a daemon says that it lives")
    func beat() async throws {
        try await StoresFixture.run { fixture in
            for _ in 0..<2 { try await fixture.store.beat(worker: "w", host: "h", processID: 7) }
            #expect(try await fixture.rowCount("daemon") == 1)
        }
    }
}

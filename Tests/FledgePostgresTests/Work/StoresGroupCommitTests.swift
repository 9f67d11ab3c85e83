import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization
import Testing

@Suite("Transitions of one moment")
struct StoresGroupCommitTests {
    private func start(_ count: Int, _ fixture: StoresFixture) async throws -> [Cycle] {
        var cycles: [Cycle] = []
        for index in 0..<count { cycles.append(try await fixture.startedCycle("case-\(index)")) }
        return cycles
    }

    @Test("share a few transactions, and each keeps its history's chain")
    func groups() async throws {
        try await StoresFixture.run { fixture in
            let cycles = try await start(40, fixture)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for cycle in cycles {
                    group.addTask {
                        var cycle = cycle
                        for _ in 0..<5 { cycle = try await fixture.advance(cycle, by: .roundFinished) }
                    }
                }
                try await group.waitForAll()
            }
            for cycle in cycles {
                let history = try await fixture.store.history(of: cycle.useCase)
                #expect(history.count == 6 && TransitionHash.firstBroken(in: history) == nil)
                #expect(try await fixture.store.cycle(cycle.id).state.round == 6)
            }
            let rows = try await fixture.pool.query(
                "SELECT count(*) AS n, count(DISTINCT xmin::text) AS transactions FROM transition WHERE sequence > 1")
            #expect(try rows[0].get("n", as: Int.self) == 200)
            #expect(try rows[0].get("transactions", as: Int.self) < 150, "many were written together")
        }
    }

    @Test("are refused one by one: who lost does not undo the others, and loses only what was lost")
    func losers() async throws {
        try await StoresFixture.run { fixture in
            let cycles = try await start(30, fixture)
            // A third has moved on, of a third the work was taken over, a third is well.
            var leases: [CycleID: WorkLease] = [:]
            for item in try await fixture.store.claim(limit: 30, worker: "slow", lease: .zero) {
                if let cycle = item.cycle { leases[cycle] = item.lease }
            }
            for cycle in cycles.prefix(10) { try await fixture.advance(cycle, by: .paused) }
            for cycle in cycles.dropFirst(10).prefix(10) {
                try await fixture.pool.execute(
                    "UPDATE work_item SET fence = fence + 1 WHERE cycle_id = $1", [cycle.id.rawValue])
            }
            let found = await withTaskGroup(of: (Int, String?).self) { group in
                for (index, cycle) in cycles.enumerated() {
                    let lease = leases[cycle.id]
                    group.addTask {
                        (index, await code { try await fixture.advance(cycle, by: .roundFinished, finishing: lease) })
                    }
                }
                return await group.reduce(into: [Int: String?]()) { $0[$1.0] = $1.1 }
            }
            for index in 0..<10 { #expect(found[index] == "cycle.conflict") }
            for index in 10..<20 { #expect(found[index] == "work.lost") }
            for index in 20..<30 { #expect(found[index] == .some(nil)) }
            for (index, cycle) in cycles.enumerated() {
                let expected =
                    index < 10 ? ["started", "paused"] : index < 20 ? ["started"] : ["started", "round-finished"]
                #expect(try await fixture.store.history(of: cycle.useCase).map(\.event) == expected)
            }
            #expect(try await fixture.rowCount("work_item WHERE state = 'leased'") == 20)
        }
    }

    @Test("that the database refuses fail alone")
    func refused() async throws {
        try await StoresFixture.run { fixture in
            let cycles = try await start(8, fixture)
            let found = await withTaskGroup(of: (Int, String?).self) { group in
                for (index, cycle) in cycles.enumerated() {
                    group.addTask {
                        let failure = await code {
                            var transition = try StoresFixture.transition(cycle, .paused)
                            if index == 3 { transition.actor = "" }
                            try await fixture.store.record(transition, finishing: nil)
                        }
                        return (index, failure)
                    }
                }
                return await group.reduce(into: [Int: String?]()) { $0[$1.0] = $1.1 }
            }
            #expect(found[3] == "database.failed")
            for index in [0, 1, 2, 4, 5, 6, 7] {
                #expect(found[index] == .some(nil))
                #expect(try await fixture.store.cycle(cycles[index].id).state.isPaused)
            }
            #expect(try await fixture.store.cycle(cycles[3].id) == cycles[3])
        }
    }

    @Test("and ends of work go together too, each under its own fencing number")
    func endings() async throws {
        try await StoresFixture.run { fixture in
            for index in 0..<20 { try await fixture.store.enqueue(report: StoresWorkTests.report("r\(index)")) }
            let items = try await fixture.store.claim(limit: 20, worker: "w", lease: .seconds(3600))
            let found = await withTaskGroup(of: String?.self) { group in
                for (index, item) in items.enumerated() {
                    group.addTask {
                        await code {
                            var lease = item.lease
                            if index < 5 { lease.fence -= 1 }
                            if index.isMultiple(of: 2) {
                                try await fixture.store.finish(lease)
                            } else {
                                try await fixture.store.bury(lease, because: FledgeError("a.b", "c"))
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(found.filter { $0 == "work.lost" }.count == 5 && found.filter { $0 == nil }.count == 15)
            #expect(try await fixture.rowCount("work_item WHERE state = 'leased'") == 5)
            #expect(try await fixture.rowCount("work_item WHERE state = 'dead'") == 8)
        }
    }

    @Test("of one cycle are told apart even when they come together")
    func sameCycle() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let found = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<20 {
                    group.addTask { await code { try await fixture.advance(cycle, by: .roundFinished) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(found.filter { $0 == nil }.count == 1)
            #expect(found.filter { $0 == "cycle.conflict" }.count == 19)
        }
    }
}

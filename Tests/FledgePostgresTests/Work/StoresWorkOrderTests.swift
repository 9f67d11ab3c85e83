import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import PostgresClient
import Testing

@Suite("The order of work in PostgreSQL")
struct StoresWorkOrderTests {
    @discardableResult
    private func start(_ name: String, priority: Int? = nil, _ fixture: StoresFixture) async throws -> Cycle {
        var submission = StoresFixture.submission(name)
        submission.document.useCase.priority = priority
        let useCase = try await fixture.store.apply(submission).useCase
        return try await fixture.advance(try await fixture.store.openCycle(for: useCase, actor: "ada"), by: .started)
    }

    private func next(_ fixture: StoresFixture) async throws -> WorkItem? {
        try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600)).first
    }

    @Test("urgent work goes before older work of no priority")
    func priority() async throws {
        try await StoresFixture.run { fixture in
            try await start("plain", fixture)
            let urgent = try await start("urgent", priority: 2, fixture)
            let most = try await start("most-urgent", priority: 9, fixture)
            #expect(try await next(fixture)?.cycle == most.id)
            #expect(try await next(fixture)?.cycle == urgent.id)
            #expect(try await fixture.store.work(in: [.leased], useCase: "urgent", limit: 1)[0].priority == 2)
        }
    }

    @Test("a flood of urgent work does not hold back what has waited a minute longer a step")
    func noStarvation() async throws {
        try await StoresFixture.run { fixture in
            let plain = try await start("plain", fixture)
            for index in 0..<5 { try await start("urgent-\(index)", priority: 9, fixture) }
            #expect(try await next(fixture)?.cycle != plain.id)
            try await fixture.pool.execute(
                "UPDATE work_item SET turn_at = turn_at - interval '9 minutes' WHERE cycle_id = $1", [plain.id.rawValue]
            )
            #expect(try await next(fixture)?.cycle == plain.id)
        }
    }

    @Test("use cases take turns: who was served longest ago goes first")
    func turns() async throws {
        try await StoresFixture.run { fixture in
            var cycles: [CycleID: Cycle] = [:]
            for name in ["a", "b", "c"] {
                let cycle = try await start(name, fixture)
                cycles[cycle.id] = cycle
            }
            var served: [CycleID] = []
            for _ in 0..<9 {
                let item = try #require(try await next(fixture))
                let id = try #require(item.cycle)
                served.append(id)
                let cycle = try #require(cycles[id])
                cycles[id] = try await fixture.advance(cycle, by: .roundFinished, finishing: item.lease)
            }
            #expect(served == Array(repeating: Array(served.prefix(3)), count: 3).flatMap { $0 })
            #expect(Set(served).count == 3)
        }
    }

    @Test("a use case with much waiting work takes its turn like the others")
    func deepQueue() async throws {
        try await StoresFixture.run { fixture in
            let deep = try await start("deep", fixture)
            try await fixture.pool.execute(
                """
                INSERT INTO work_item (cycle_id, kind, payload, turn_at)
                SELECT $1, 'notify', '{"notify":{"_0":"x"}}', now() - interval '1 hour' FROM generate_series(1, 20)
                """, [deep.id.rawValue])
            let other = try await start("other", fixture)
            var served: [CycleID?] = []
            for _ in 0..<2 {
                let item = try #require(try await next(fixture))
                served.append(item.cycle)
                try await fixture.store.finish(item.lease)
            }
            #expect(served == [deep.id, other.id])
        }
    }

    @Test("a paused use case's work is out of the claims' sight, and due again at once after a resume")
    func parking() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await start("plain", fixture)
            let paused = try await fixture.advance(cycle, by: .paused)
            #expect(try await fixture.rowCount("work_item WHERE turn_at = 'infinity'") == 1)
            #expect(try await fixture.store.work(in: [.queued], useCase: nil, limit: 1)[0].runAt == nil)
            #expect(try await fixture.store.depth().due == 0)
            try await fixture.advance(paused, by: .resumed)
            #expect(try await next(fixture)?.cycle == cycle.id)
        }
    }

    @Test("a priority outside of the range is refused by the database too", arguments: [-1, 10])
    func range(priority: Int) async throws {
        try await StoresFixture.run { fixture in
            try await start("plain", fixture)
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.pool.execute("UPDATE work_item SET priority = $1", [priority])
            }
            #expect(error?.sqlState == "23514")
        }
    }
}

import FledgeCore
import FledgeEngine
import FledgePostgres
import PostgresClient
import Testing

@Suite("Work that was under way when its daemon ended")
struct StoresSuspectWorkTests {
    /// Daemons that are alive, and so many reports to write.
    private func prepare(_ fixture: StoresFixture, daemons: [String] = ["a", "b", "c"], reports: Int) async throws {
        for daemon in daemons { try await fixture.store.beat(worker: daemon, host: "here", processID: 1) }
        for index in 0..<reports { try await fixture.store.enqueue(report: StoresWorkTests.report("r\(index)")) }
    }

    /// The daemon ends: it is seen no more, and its leases run out.
    private func end(_ daemon: String, _ fixture: StoresFixture) async throws {
        try await fixture.pool.execute(
            "UPDATE daemon SET seen_at = now() - interval '1 minute' WHERE worker = $1", [daemon])
        try await fixture.pool.execute(
            "UPDATE work_item SET leased_until = now() - interval '15 seconds' WHERE state = 'leased' AND worker = $1",
            [daemon])
    }

    private func claim(_ fixture: StoresFixture, as worker: String, isIdle: Bool = true) async throws -> [WorkItem] {
        try await fixture.store.claim(limit: 9, worker: worker, lease: .seconds(3600), isIdle: isIdle)
    }

    @Test("each piece is done again alone, by a daemon that does nothing else: who is to blame can't be told")
    func alone() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, reports: 2)
            let together = try await claim(fixture, as: "a")
            #expect(together.map(\.deaths) == [0, 0])
            try await end("a", fixture)
            try await fixture.store.enqueue(report: StoresWorkTests.report("other"))
            // A daemon that is busy gets what nobody suspects.
            let busy = try await claim(fixture, as: "b", isIdle: false)
            #expect(busy.map(\.deaths) == [0] && !together.map(\.lease.item).contains(busy[0].lease.item))
            var alone: [WorkItemID] = []
            for worker in ["b", "c"] {
                let item = try await claim(fixture, as: worker)
                #expect(item.map(\.deaths) == [1] && item[0].isSuspect)
                alone += item.map(\.lease.item)
            }
            #expect(Set(alone) == Set(together.map(\.lease.item)))
        }
    }

    @Test("the second daemon that ends with a piece shows that it is to blame; the innocent one passes")
    func quarantine() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, reports: 2)
            _ = try await claim(fixture, as: "a")
            try await end("a", fixture)
            let innocent = try await claim(fixture, as: "b")[0]
            try await fixture.store.finish(innocent.lease)
            let guilty = try await claim(fixture, as: "b")[0]
            #expect(guilty.deaths == 1)
            try await end("b", fixture)
            let burial = try await claim(fixture, as: "c")
            #expect(burial.map(\.lease.item) == [guilty.lease.item] && burial.map(\.deaths) == [2])
            try await fixture.store.bury(burial[0].lease, because: FledgeError("work.quarantined", "x"))
            #expect(try await fixture.store.revive(guilty.lease.item))
            let again = try await claim(fixture, as: "c")
            #expect(again.map(\.deaths) == [0], "a person has looked into it")
        }
    }

    @Test("a daemon that is seen again has not ended: nothing is suspect for it")
    func seenAgain() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, reports: 1)
            _ = try await claim(fixture, as: "a")
            try await end("a", fixture)
            let first = try await claim(fixture, as: "b")[0]
            #expect(first.deaths == 1)
            try await end("b", fixture)
            // The database was away from it, and is there again.
            try await fixture.store.beat(worker: "a", host: "here", processID: 1)
            #expect(try await claim(fixture, as: "c").map(\.deaths) == [1])
            try await fixture.store.beat(worker: "b", host: "here", processID: 1)
            try await fixture.pool.execute("UPDATE work_item SET state = 'queued', leased_until = NULL")
            #expect(try await claim(fixture, as: "c", isIdle: false).map(\.deaths) == [0])
        }
    }

    @Test("a lease that ran out under a daemon that lives is no death, nor is one of a daemon that nobody knows")
    func living() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, reports: 1)
            for worker in ["a", "stranger", "b"] {
                let item = try await claim(fixture, as: worker, isIdle: false)
                #expect(item.map(\.deaths) == [0])
                try await fixture.pool.execute(
                    "UPDATE work_item SET leased_until = now() - interval '15 seconds' WHERE state = 'leased'")
                if worker != "stranger" { try await fixture.store.beat(worker: worker, host: "here", processID: 1) }
            }
        }
    }

    @Test("one daemon makes itself free for suspect work, where all are busy")
    func frees() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, reports: 1)
            #expect(try await !fixture.store.hasToFreeItself(worker: "b"))
            _ = try await claim(fixture, as: "a")
            try await end("a", fixture)
            #expect(try await fixture.store.hasToFreeItself(worker: "b"))
            #expect(try await !fixture.store.hasToFreeItself(worker: "c"))
            _ = try await claim(fixture, as: "c")
            #expect(try await !fixture.store.hasToFreeItself(worker: "b"))
        }
    }

    @Test("work that has gone on for a minute is suspect no more, though its daemon ends in the second after")
    func proven() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, reports: 1)
            _ = try await claim(fixture, as: "a")
            try await end("a", fixture)
            let suspect = try await claim(fixture, as: "b")[0]
            #expect(try await fixture.store.renew(suspect.lease, for: .seconds(60), isProven: false))
            #expect(try await fixture.store.renew(suspect.lease, for: .seconds(60), isProven: true))
            try await end("b", fixture)
            let again = try await claim(fixture, as: "c")
            #expect(again.map(\.deaths) == [1], "it is tried alone once more, and not quarantined")
        }
    }

    @Test("a training outlives its daemons, and is no suspect for their end")
    func outlives() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, reports: 0)
            _ = try await fixture.startedCycle()
            try await fixture.pool.execute("UPDATE work_item SET kind = 'train'")
            for worker in ["a", "b", "c"] {
                #expect(try await claim(fixture, as: worker, isIdle: false).map(\.deaths) == [0])
                try await end(worker, fixture)
                #expect(try await !fixture.store.hasToFreeItself(worker: "b"))
            }
        }
    }

    @Test("no daemon makes itself free while a training goes on in it, which may take days")
    func trains() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, daemons: ["a", "b"], reports: 1)
            _ = try await claim(fixture, as: "a")
            _ = try await fixture.startedCycle()
            let training = try await claim(fixture, as: "b")[0]
            try await end("a", fixture)
            #expect(try await fixture.store.hasToFreeItself(worker: "b"))
            try await fixture.pool.execute(
                "UPDATE work_item SET kind = 'train' WHERE id = $1", [training.lease.item])
            #expect(try await !fixture.store.hasToFreeItself(worker: "b"))
        }
    }

    @Test("a daemon of the version before takes suspect work over by its attempts, and ends it")
    func before() async throws {
        try await StoresFixture.run { fixture in
            try await prepare(fixture, reports: 1)
            _ = try await claim(fixture, as: "a")
            try await end("a", fixture)
            // As it claims: it knows neither column.
            try await fixture.pool.execute(
                """
                UPDATE work_item SET state = 'leased', worker = 'old', attempts = attempts + 1, fence = fence + 1,
                       leased_until = now() + interval '1 minute'
                """)
            let row = try await fixture.pool.query("SELECT id, fence FROM work_item")[0]
            let lease = WorkLease(
                item: try row.get("id", as: WorkItemID.self), fence: try row.get("fence", as: Int64.self))
            try await fixture.store.finish(lease)
            #expect(try await fixture.rowCount("work_item WHERE state = 'done'") == 1)
        }
    }
}

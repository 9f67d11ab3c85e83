import FledgeCore
import FledgeEngine
import FledgePostgres
import Foundation
import PostgresClient
import Testing

@Suite("The history in PostgreSQL")
struct StoresHistoryTests {
    @Test("a transition writes its state, its work and one chained entry")
    func record() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            #expect(cycle.version == 1 && cycle.state.activity == .experimenting)
            let work = try #require(try await fixture.store.claim(limit: 5, worker: "w", lease: .seconds(9)).first)
            #expect(work.action == .runExperiment(round: 1) && work.cycle == cycle.id && work.attempt == 1)
            try await fixture.advance(cycle, by: .roundFinished, finishing: work.lease)
            let history = try await fixture.store.history(of: cycle.useCase)
            #expect(history.map(\.event) == ["started", "round-finished"])
            #expect(history.map(\.sequence) == [1, 2])
            #expect(history[0].previousHash == TransitionHash.origin && history[1].previousHash == history[0].hash)
            #expect(TransitionHash.firstBroken(in: history) == nil)
        }
    }

    @Test("a writer that saw an older version changes nothing")
    func staleVersion() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let work = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(9))[0]
            try await fixture.advance(cycle, by: .paused)
            let failure = await code { try await fixture.advance(cycle, by: .roundFinished, finishing: work.lease) }
            #expect(failure == "cycle.conflict")
            #expect(try await fixture.store.history(of: cycle.useCase).count == 2)
            #expect(try await fixture.store.depth().leased == 1, "the work is still the worker's")
        }
    }

    @Test("a stale worker cannot record what it did: the state, the history and the queue stay")
    func lostLease() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let stale = try await fixture.store.claim(limit: 1, worker: "slow", lease: .zero)[0]
            let fresh = try await fixture.store.claim(limit: 1, worker: "quick", lease: .seconds(9))[0]
            #expect(fresh.lease.item == stale.lease.item && fresh.lease.fence > stale.lease.fence && fresh.attempt == 2)
            let failure = await code { try await fixture.advance(cycle, by: .roundFinished, finishing: stale.lease) }
            #expect(failure == "work.lost")
            #expect(try await fixture.store.cycle(cycle.id) == cycle)
            #expect(try await fixture.store.history(of: cycle.useCase).count == 1)
            #expect(try await fixture.rowCount("work_item") == 1)
            try await fixture.advance(cycle, by: .roundFinished, finishing: fresh.lease)
        }
    }

    @Test("of many transitions from one version, one is recorded")
    func race() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let outcomes = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<12 {
                    group.addTask { await code { try await fixture.advance(cycle, by: .roundFinished) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 1)
            #expect(outcomes.filter { $0 == "cycle.conflict" }.count == 11)
            #expect(try await fixture.store.history(of: cycle.useCase).count == 2)
        }
    }

    @Test("cancelling takes the cycle's work away, and a retry starts it again")
    func cancelAndRetry() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let work = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(9))[0]
            let cancelled = try await fixture.advance(cycle, by: .cancelled)
            #expect(try await fixture.store.renew(work.lease, for: .seconds(9)) == false)
            let failure = await code { try await fixture.store.finish(work.lease) }
            #expect(failure == "work.lost")
            try await fixture.advance(cancelled, by: .retried)
            let again = try await fixture.store.claim(limit: 5, worker: "w", lease: .seconds(9))
            #expect(again.map(\.action) == [.runExperiment(round: 1)])
        }
    }

    @Test("a retired cycle takes no transition and has no work")
    func ends() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let retired = try await fixture.advance(cycle, by: .retired)
            #expect(retired.state.stage == .retired)
            let late = Transition(
                cycle: CycleHead(retired), event: .paused, newState: retired.state, changes: [], actor: "ada")
            let failure = await code { try await fixture.store.record(late, finishing: nil) }
            #expect(failure == "cycle.conflict")
            #expect(try await fixture.store.claim(limit: 5, worker: "w", lease: .seconds(9)).isEmpty)
        }
    }

    @Test(
        "UPDATE, DELETE and TRUNCATE of the history and its evidence are refused",
        arguments: [
            "UPDATE transition SET actor = 'eve'", "DELETE FROM transition", "TRUNCATE transition",
            "TRUNCATE cycle CASCADE",
            "UPDATE definition_revision SET source_text = ''", "DELETE FROM definition_revision", "TRUNCATE gate",
            "TRUNCATE decision",
            "TRUNCATE pointer_move",
        ])
    func appendOnly(statement: String) async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let error = await #expect(throws: PostgresError.self) { try await fixture.pool.execute(statement) }
            #expect(error?.sqlState == "23001")
            #expect(try await fixture.store.history(of: cycle.useCase).count == 1)
        }
    }

    @Test(
        "a byte that was changed behind the trigger's back is found",
        arguments: [
            "actor = 'adb'", "evidence = evidence || ' '", "event = 'resumed'", "to_activity = 'live'",
            "at = at + interval '1 millisecond'", "hash = repeat('a', 64)",
        ])
    func tampering(change: String) async throws {
        try await StoresFixture.run { fixture in
            var cycle = try await fixture.startedCycle()
            for event in [CycleEvent.paused, .resumed, .roundFinished] {
                cycle = try await fixture.advance(cycle, by: event)
            }
            #expect(TransitionHash.firstBroken(in: try await fixture.store.history(of: cycle.useCase)) == nil)
            try await fixture.pool.withConnection { connection in
                try await connection.script(
                    "ALTER TABLE transition DISABLE TRIGGER append_only; UPDATE transition SET \(change) WHERE sequence = 2"
                )
            }
            #expect(TransitionHash.firstBroken(in: try await fixture.store.history(of: cycle.useCase)) == 2)
        }
    }

    @Test("a removed entry is found")
    func removal() async throws {
        try await StoresFixture.run { fixture in
            var cycle = try await fixture.startedCycle()
            for event in [CycleEvent.paused, .resumed] { cycle = try await fixture.advance(cycle, by: event) }
            var history = try await fixture.store.history(of: cycle.useCase)
            history.remove(at: 1)
            #expect(TransitionHash.firstBroken(in: history) == 3)
        }
    }
}

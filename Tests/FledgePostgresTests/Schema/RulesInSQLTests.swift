import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

/// What SQL says for speed, or in a trigger for daemons of the version before, and what the core says: the same.
@Suite("Rules that SQL repeats")
struct RulesInSQLTests {
    // MARK: The order of claims

    /// What is between when a use case's work became due and its turn, in microseconds.
    private static func headStarts(_ fixture: StoresFixture, of table: String = "work_item") async throws -> [Int64] {
        let dueAt = table == "work_item" ? "run_at" : "leased_until - interval '60 seconds'"
        return try await fixture.pool.query(
            "SELECT (extract(epoch FROM \(dueAt) - turn_at) * 1000000)::bigint AS head_start FROM \(table)"
        ).map { try $0.get("head_start", as: Int64.self) }
    }

    private static func start(_ name: String, priority: Int, _ fixture: StoresFixture) async throws -> Cycle {
        var submission = StoresFixture.submission(name)
        submission.document.useCase.priority = priority
        let useCase = try await fixture.store.apply(submission).useCase
        return try await fixture.advance(try await fixture.store.openCycle(for: useCase, actor: "ada"), by: .started)
    }

    @Test(
        "a priority's head start is the core's, whatever makes the work due", arguments: Array(WorkPriority.range))
    func headStart(priority: Int) async throws {
        let expected = [Int64(saturating: WorkPriority.headStart(priority) / .microseconds(1))]
        try await StoresFixture.run { fixture in
            let store = fixture.store
            var cycle = try await Self.start("colour", priority: priority, fixture)
            #expect(try await Self.headStarts(fixture) == expected, "asked for")

            cycle = try await fixture.advance(cycle, by: .paused)
            cycle = try await fixture.advance(cycle, by: .resumed)
            #expect(try await Self.headStarts(fixture) == expected, "resumed")

            for isPaused in [true, false] {
                try await fixture.pool.execute("UPDATE cycle SET is_paused = $1", [isPaused])
            }
            #expect(try await Self.headStarts(fixture) == expected, "resumed by a daemon of the version before")

            let dead = try #require(try await store.claim(limit: 1, worker: "w", lease: .seconds(9)).first)
            try await store.bury(dead.lease, because: FledgeError("work.failed", "it failed"))
            #expect(try await store.revive(dead.lease.item))
            #expect(try await Self.headStarts(fixture) == expected, "brought back by a person")

            for delay in [Duration.zero, .seconds(90)] {
                let item = try #require(try await store.claim(limit: 1, worker: "w", lease: .seconds(9)).first)
                try await store.release(item.lease, after: delay, countsAsAttempt: false, error: nil)
                #expect(try await Self.headStarts(fixture) == expected, "given back for \(delay)")
            }

            let place = try await store.takePlace("executor:here", by: "nobody", limit: 0, lease: .seconds(60))
            #expect(!place)
            #expect(try await Self.headStarts(fixture, of: "place_waiter") == [0], "of no use case")
        }
    }

    @Test("what has died in a cycle comes back with its head start, and what waits behind ended work gets a new turn")
    func headStartOfTheRest() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await Self.start("colour", priority: 7, fixture)
            let expected = Int64(saturating: WorkPriority.headStart(7) / .microseconds(1))
            let item = try #require(try await store.claim(limit: 1, worker: "w", lease: .seconds(9)).first)
            let blocked = try await fixture.advance(
                cycle, by: .workFailed(code: "work.failed", message: "it failed"), finishing: item.lease)
            let notification = try #require(try await store.claim(limit: 1, worker: "w", lease: .seconds(9)).first)
            try await store.bury(notification.lease, because: FledgeError("work.failed", "it failed"))
            try await fixture.advance(blocked, by: .retried)
            let queued = "work_item WHERE state = 'queued' AND turn_at + $1::bigint * interval '1 microsecond' = run_at"
            let found = try await fixture.pool.query("SELECT count(*) AS n FROM \(queued)", [expected])
            #expect(try found[0].get("n", as: Int.self) == 2)

            // The first to be asked for is the notification; the other waits behind it.
            let first = try #require(try await store.claim(limit: 1, worker: "w", lease: .seconds(9)).first)
            try await fixture.pool.execute(
                "UPDATE work_item SET run_at = now() - interval '1 hour', turn_at = now() - interval '1 hour' "
                    + "WHERE state = 'queued'")
            let before = try await fixture.pool.query("SELECT now() AS now")[0].get("now", as: Date.self)
            try await store.finish(first.lease)
            let turn = try await fixture.pool.query("SELECT turn_at FROM work_item WHERE state = 'queued'")[0]
                .get("turn_at", as: Date.self)
            let after = try await fixture.pool.query("SELECT now() AS now")[0].get("now", as: Date.self)
            let served = turn.addingTimeInterval(Double(expected) / 1_000_000)
            #expect(before <= served && served <= after)
        }
    }

    @Test("a training's use case waits for a place with the core's head start", arguments: Array(WorkPriority.range))
    func placeWaiter(priority: Int) async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await Self.start("colour", priority: priority, fixture)
            _ = try await fixture.store.openJob(
                cycle: cycle.id, attempt: 1, intent: "colour-1", executor: "local")
            let isTaken = try await fixture.store.takePlace(
                "executor:here", by: "colour-1", limit: 0, lease: .seconds(60))
            #expect(!isTaken)
            let expected = Int64(saturating: WorkPriority.headStart(priority) / .microseconds(1))
            #expect(try await Self.headStarts(fixture, of: "place_waiter") == [expected])
        }
    }

    @Test("work is claimed in the order of the core's turns", arguments: [1, 2, 3] as [UInt64])
    func claimOrder(seed: UInt64) async throws {
        try await StoresFixture.run { fixture in
            var random = SplitMix64(seed: seed)
            var turns: [(cycle: CycleID, turn: Duration)] = []
            // Ages of their own, some seconds apart: the cycles start within the same few.
            for index in 0..<20 {
                let priority = Int(random.next(below: 10))
                let age = Duration.seconds(Int64(random.next(below: 40)) * 600 + Int64(index) * 30)
                let cycle = try await Self.start("case-\(index)", priority: priority, fixture)
                try await fixture.pool.execute(
                    """
                    UPDATE work_item SET run_at = moment.due, turn_at = moment.due - (run_at - turn_at)
                    FROM (SELECT timestamptz '2026-01-01Z' - $2::bigint * interval '1 second' AS due) AS moment
                    WHERE cycle_id = $1
                    """, [cycle.id.rawValue, Int64(age.components.seconds)])
                turns.append((cycle.id, .zero - age - WorkPriority.headStart(priority)))
            }
            // Of two with the same turn the older work goes first.
            let expected = turns.enumerated().sorted {
                ($0.element.turn, $0.offset) < ($1.element.turn, $1.offset)
            }.map(\.element.cycle)
            var claimed: [CycleID?] = []
            while let item = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600)).first {
                claimed.append(item.cycle)
            }
            #expect(claimed == expected)
        }
    }

    // MARK: Periods of caps

    @Test(
        "the database's period of a cap is the core's", arguments: ForecastPeriod.allCases,
        [nil, "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"]
            as [String?])
    func capPeriod(period: ForecastPeriod, zone: String?) async throws {
        var random = SplitMix64(seed: 11)
        // 2016 to 2035: any moment, and many near midnights of days on which clocks may change.
        let first: TimeInterval = 1_451_606_400
        let day: TimeInterval = 86_400
        var moments = (0..<400).map { _ in first + Double(random.next(below: 7300 * 86_400)) }
        moments += (0..<7300).map { first + Double($0) * day + Double(random.next(below: 8 * 3600)) }
        let asked = moments.map { Date(timeIntervalSince1970: $0) }
        try await StoresFixture.run { fixture in
            var submission = StoresFixture.submission()
            submission.document.useCase.spend = SpendDefinition(calls: 10, period: period, zone: zone)
            let useCase = try await fixture.store.apply(submission).useCase
            let rows = try await fixture.pool.query(
                """
                SELECT a.moment, r.period, r.zone, r.starts_at, r.ends_at
                FROM unnest($2::timestamptz[]) AS a (moment) CROSS JOIN LATERAL spend_rule($1, a.moment) AS r
                """, [useCase.rawValue, asked])
            #expect(rows.count == asked.count)
            for row in rows {
                let moment = try row.get("moment", as: Date.self)
                let found = try CapPeriod(period, zone: zone ?? CapPeriod.defaultZone, containing: moment)
                #expect(try row.get("zone", as: String.self) == zone ?? CapPeriod.defaultZone)
                #expect(
                    try row.get("starts_at", as: Date.self) == found.startsAt
                        && row.get("ends_at", as: Date.self) == found.endsAt, "\(moment)")
            }
        }
    }

    @Test("an account is of the core's period, and so is what is shown of it")
    func account() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            for (name, zone) in [("tokyo", "Asia/Tokyo"), ("anywhere", nil)] as [(String, String?)] {
                var submission = StoresFixture.submission(name)
                submission.document.useCase.spend = SpendDefinition(calls: 10, period: .year, zone: zone)
                let useCase = try await store.apply(submission).useCase
                let now = try await fixture.pool.query("SELECT now() AS now")[0].get("now", as: Date.self)
                let period = try CapPeriod(.year, zone: zone ?? CapPeriod.defaultZone, containing: now)
                let before = try #require(try await store.spends(useCase: name).first?.account)
                #expect(before.startsAt == period.startsAt && before.endsAt == period.endsAt && before.settled == .zero)
                _ = try await store.reserve(
                    3, each: SpendAmount(calls: 1, tokens: 1, costMicroDollars: 1), for: useCase, addingTo: nil,
                    lease: .seconds(60))
                let after = try #require(try await store.spends(useCase: name).first?.account)
                #expect(after.startsAt == period.startsAt && after.endsAt == period.endsAt)
                #expect(after.reserved.calls == 3 && after.cap.calls == 10 && after.period == .year)
                #expect(after.zone == zone ?? CapPeriod.defaultZone)
            }
            #expect(try await fixture.rowCount("spend_account") == 2)
        }
    }

    // MARK: Pausing

    @Test(
        "a claim begins nothing of a paused cycle, and a renewal keeps nothing of it, whoever paused it",
        arguments: [1, 2, 3, 4] as [UInt64])
    func pausing(seed: UInt64) async throws {
        try await StoresFixture.run { fixture in
            var random = SplitMix64(seed: seed)
            var cycle = try await fixture.startedCycle()
            var held: WorkLease?
            for step in 0..<60 {
                let isPaused = cycle.state.isPaused
                switch random.next(below: 5) {
                case 0: cycle = try await fixture.advance(cycle, by: isPaused ? .resumed : .paused)
                case 1:
                    // A daemon of the version before writes the cycle alone.
                    try await fixture.pool.execute(
                        """
                        UPDATE cycle SET is_paused = $2, state = jsonb_set(state, '{isPaused}', to_jsonb($2::boolean)),
                               version = version + 1 WHERE id = $1
                        """, [cycle.id.rawValue, !isPaused])
                    cycle = try await fixture.store.cycle(cycle.id)
                case 2:
                    guard let lease = held else { break }
                    cycle = try await fixture.advance(cycle, by: .roundFinished, finishing: lease)
                    held = nil
                case 3:
                    guard let lease = held else { break }
                    try await fixture.store.release(lease, after: .zero, countsAsAttempt: false, error: nil)
                    held = nil
                default: break
                }
                if let lease = held {
                    let isKept = try await fixture.store.renew(lease, for: .seconds(3600))
                    #expect(isKept == !cycle.state.isPaused, "step \(step)")
                }
                let item = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600)).first
                #expect((item != nil) == (held == nil && !cycle.state.isPaused), "step \(step)")
                held = held ?? item?.lease
            }
        }
    }

    @Test("what a daemon has put aside with a pause is written once: the trigger for daemons of before finds it done")
    func parkedOnce() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            // Row versions: each UPDATE of a row makes one more.
            let written = "SELECT n_tup_upd AS n FROM pg_stat_xact_user_tables WHERE relname = 'work_item'"
            try await fixture.pool.withConnection { connection in
                try await connection.script("BEGIN")
                try await connection.execute("UPDATE work_item SET run_at = 'infinity', turn_at = 'infinity'")
                try await connection.execute("UPDATE cycle SET is_paused = true WHERE id = $1", [cycle.id.rawValue])
                #expect(try await connection.query(written)[0].get("n", as: Int.self) == 1)
                try await connection.script("ROLLBACK")
            }
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Logging
import PostgresClient
import Testing

@Suite("Housekeeping")
struct StoresHousekeepingTests {
    private static let age = Duration.seconds(3600)

    /// An ended cycle of its own use case, long ago, with samples in one experiment.
    private func endedCycle(_ name: String, samples: Int, in fixture: StoresFixture) async throws -> Cycle {
        let cycle = try await fixture.startedCycle(name)
        let candidate = StoresFixture.candidate(name)
        let experiment = try await fixture.store.openExperiment(
            cycle: cycle.id, purpose: .search, round: 1, candidates: [candidate], plannedCalls: samples)
        let example = try #require(try await fixture.store.examples(of: cycle.snapshot, in: .prototype).first).id
        try await fixture.store.write(
            SampleBatch(
                experiment: experiment.id,
                samples: (0..<samples).map { StoresFixture.sample(candidate, example, repeat: $0) }, answers: [:]))
        try await fixture.pool.execute(
            "UPDATE cycle SET ended_at = now() - interval '1 day' WHERE id = $1", [cycle.id.rawValue])
        return cycle
    }

    private func samples(of cycle: Cycle, in fixture: StoresFixture) async throws -> Int {
        try await fixture.pool.query(
            "SELECT count(*) AS n FROM sample s JOIN experiment e ON e.id = s.experiment_id WHERE e.cycle_id = $1",
            [cycle.id.rawValue])[0].get("n", as: Int.self)
    }

    @Test("samples that nothing cites go in small batches, and evidence stays whatever its age")
    func samples() async throws {
        try await StoresFixture.run { fixture in
            let idle = try await endedCycle("idle", samples: 4500, in: fixture)
            var cited: [Cycle] = []
            for (name, statement) in [
                (
                    "gated",
                    """
                    INSERT INTO gate (cycle_id, experiment_id, candidate_id, look, verdict, result)
                    SELECT $1, e.id, k.candidate_id, 1, 'failed', '{}' FROM experiment e
                    JOIN experiment_candidate k ON k.experiment_id = e.id WHERE e.cycle_id = $1
                    """
                ),
                ("decided", "INSERT INTO decision (cycle_id, look, kind, record) VALUES ($1, 1, 'stop', '{}')"),
                (
                    "released",
                    """
                    INSERT INTO release (use_case_id, number, cycle_id, candidate_id, bundle)
                    SELECT c.use_case_id, 1, c.id, k.candidate_id, '{}' FROM cycle c
                    JOIN experiment e ON e.cycle_id = c.id JOIN experiment_candidate k ON k.experiment_id = e.id
                    WHERE c.id = $1
                    """
                ),
                (
                    "looked",
                    """
                    INSERT INTO holdout_look (use_case_id, cycle_id, look, purpose, candidate_id, examples,
                                              examples_sha256, share, alpha)
                    SELECT c.use_case_id, c.id, 1, 'gate', k.candidate_id, '{1}', repeat('a', 64), 0, 0 FROM cycle c
                    JOIN experiment e ON e.cycle_id = c.id JOIN experiment_candidate k ON k.experiment_id = e.id
                    WHERE c.id = $1
                    """
                ),
            ] {
                let cycle = try await endedCycle(name, samples: 3, in: fixture)
                #expect(try await fixture.pool.execute(statement, [cycle.id.rawValue]) == 1)
                cited.append(cycle)
            }
            let open = try await endedCycle("open", samples: 3, in: fixture)
            try await fixture.pool.execute("UPDATE cycle SET ended_at = NULL WHERE id = $1", [open.id.rawValue])

            let planned = try await fixture.store.housekeeping.prunable(.samples, olderThan: Self.age)
            #expect(planned.rows == 4500)
            #expect(try await samples(of: idle, in: fixture) == 4500)
            var batches: [Int] = []
            let gone = try await fixture.store.housekeeping.prune(.samples, olderThan: Self.age) { figure in
                batches.append(figure.rows - batches.reduce(0, +))
                return true
            }
            #expect(gone.rows == planned.rows)
            #expect(batches.max() == 2000)
            #expect(try await samples(of: idle, in: fixture) == 0)
            for cycle in cited + [open] { #expect(try await samples(of: cycle, in: fixture) == 3) }
            let again = try await fixture.store.housekeeping.prune(.samples, olderThan: Self.age)
            #expect(again.rows == 0)
        }
    }

    @Test("logs of jobs at their end go, but not of one whose adapter was released")
    func trainingLogs() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            try await fixture.pool.withConnection { connection in
                try await connection.script(
                    """
                    INSERT INTO training_job (cycle_id, attempt, intent, executor, external_id, state, finished_at)
                    SELECT \(cycle.id.rawValue), g, 'i' || g, 'local', 'x', CASE g WHEN 3 THEN 'running' ELSE 'failed' END,
                           CASE g WHEN 3 THEN NULL ELSE now() - interval '1 day' END FROM generate_series(1, 3) g;
                    INSERT INTO adapter (digest, training_job_id, base_sha256, facts, golden)
                    SELECT repeat('a', 64), id, repeat('b', 64), '{}', '{}' FROM training_job WHERE attempt = 2;
                    UPDATE training_job SET adapter = repeat('a', 64) WHERE attempt = 2;
                    INSERT INTO candidate (id, document) VALUES (repeat('c', 64), '{}');
                    INSERT INTO release (use_case_id, number, cycle_id, candidate_id, adapter, bundle)
                    SELECT use_case_id, 1, id, repeat('c', 64), repeat('a', 64), '{}' FROM cycle;
                    INSERT INTO training_log (training_job_id, line)
                    SELECT j.id, 'line' FROM training_job j CROSS JOIN generate_series(1, 2100);
                    """)
            }
            let planned = try await fixture.store.housekeeping.prunable(.trainingLogs, olderThan: Self.age)
            #expect(planned.rows == 2100)
            let gone = try await fixture.store.housekeeping.prune(.trainingLogs, olderThan: Self.age)
            #expect(gone.rows == planned.rows)
            let left = try await fixture.pool.query(
                "SELECT DISTINCT j.attempt FROM training_log l JOIN training_job j ON j.id = l.training_job_id ORDER BY 1"
            )
            #expect(try left.map { try $0.get("attempt", as: Int.self) } == [2, 3])
        }
    }

    @Test("responses, finished work and daemons that are gone go by their age; open and dead work stays")
    func others() async throws {
        try await StoresFixture.run { fixture in
            _ = try await fixture.startedCycle()
            try await fixture.pool.withConnection { connection in
                try await connection.script(
                    """
                    INSERT INTO response_cache (request_sha256, response, created_at)
                    SELECT encode(sha256(g::text::bytea), 'hex'), '{"text": "an answer"}',
                           now() - CASE WHEN g % 2 = 0 THEN interval '1 day' ELSE interval '0' END
                    FROM generate_series(1, 30000) g;
                    INSERT INTO work_item (cycle_id, kind, payload, state, finished_at)
                    SELECT (SELECT min(id) FROM cycle), 'notify', '{}', s.state, CASE WHEN s.state = 'dead' OR g % 2 = 0
                           THEN now() - interval '1 day' ELSE now() END
                    FROM generate_series(1, 3000) g CROSS JOIN (VALUES ('done'), ('cancelled'), ('dead')) s (state);
                    INSERT INTO daemon (worker, host, process_id, seen_at)
                    SELECT 'd' || g, 'h', g, now() - CASE WHEN g > 1 THEN interval '1 day' ELSE interval '0' END
                    FROM generate_series(1, 4001) g;
                    """)
            }
            for (subject, rows) in [
                (RetentionPolicy.Subject.responses, 15_000), (.work, 3000), (.daemons, 4000),
            ] {
                let planned = try await fixture.store.housekeeping.prunable(subject, olderThan: Self.age)
                #expect(planned.rows == rows)
                #expect(planned.bytes > 0)
                let gone = try await fixture.store.housekeeping.prune(subject, olderThan: Self.age)
                #expect(gone.rows == planned.rows)
                // The server counts a row's header a little differently when it deletes.
                #expect(abs(gone.bytes - planned.bytes) < 100)
                #expect(try await fixture.store.housekeeping.prunable(subject, olderThan: Self.age).rows == 0)
            }
            #expect(try await fixture.rowCount("response_cache") == 15_000)
            #expect(try await fixture.rowCount("work_item WHERE state = 'dead'") == 3000)
            #expect(try await fixture.rowCount("work_item WHERE state = 'queued'") == 1)
            #expect(try await fixture.rowCount("daemon") == 1)
        }
    }

    @Test("accounts of caps go when their period is long past, but none that a cap or a worker still needs")
    func spend() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await endedCycle("paid", samples: 3, in: fixture)
            try await fixture.pool.withConnection { connection in
                try await connection.script(
                    """
                    INSERT INTO spend_account (use_case_id, period, zone, starts_at, ends_at, cap_calls, presumed_calls)
                    SELECT \(cycle.useCase.rawValue), 'day', 'UTC', date_trunc('day', now()) - g * interval '1 day',
                           date_trunc('day', now()) - (g - 1) * interval '1 day', 9, 1 FROM generate_series(0, 2500) g;
                    INSERT INTO spend_account (use_case_id, period, zone, starts_at, ends_at, cap_calls, presumed_calls)
                    VALUES (\(cycle.useCase.rawValue), 'year', 'UTC', now() - interval '200 days',
                            now() + interval '165 days', 9, 1);
                    -- Each account had a worker that died; of the oldest one's, one lives, and one of the year's waits.
                    INSERT INTO spend_reservation (account_id, granted_calls, granted_tokens, granted_micro_dollars,
                                                   leased_until, is_lapsed)
                    SELECT id, 1, 0, 0, least(ends_at, now() - interval '2 hours'), true FROM spend_account
                    UNION ALL
                    SELECT id, 1, 0, 0, now() + interval '1 minute', true FROM spend_account WHERE id = 2501
                    UNION ALL
                    SELECT id, 1, 0, 0, now() - interval '2 hours', false FROM spend_account WHERE period = 'year';
                    """)
            }
            let before = try await fixture.store.spends(useCase: "paid")
            // The day's and the year's stay, and those of which the last hour had something; of theirs, lapsed ones go.
            let ended = try await fixture.rowCount(
                "spend_account WHERE id <> 2501 AND ends_at < now() - interval '1 hour'")
            #expect(ended >= 2498)
            let planned = try await fixture.store.housekeeping.prunable(.spend, olderThan: Self.age)
            #expect(planned.rows == ended + 2502)
            #expect(try await fixture.rowCount("spend_account") == 2502)
            let gone = try await fixture.store.housekeeping.prune(.spend, olderThan: Self.age)
            #expect(gone.rows == planned.rows)
            #expect(abs(gone.bytes - planned.bytes) < 100)
            #expect(try await fixture.rowCount("spend_account WHERE ends_at > now() AND presumed_calls = 1") == 2)
            #expect(try await fixture.rowCount("spend_account WHERE id = 2501") == 1)
            #expect(try await fixture.rowCount("spend_reservation") == 2)
            #expect(try await fixture.store.spends(useCase: "paid") == before)
            #expect(before.first?.total.calls == 3)
            #expect(try await fixture.store.housekeeping.prunable(.spend, olderThan: Self.age).rows == 0)
        }
    }

    @Test("one daemon at a time keeps house, and the next when the interval has passed or the first is gone")
    func turns() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store.housekeeping
            func take(_ worker: String) async throws -> Bool {
                try await store.takeHousekeeping(worker: worker, every: .seconds(3600), lease: .seconds(60))
            }
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<8 { group.addTask { try await take("w\(number)") } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 1)
            let holder = try await fixture.pool.query("SELECT worker FROM housekeeping")[0].get(
                "worker", as: String.self)
            #expect(try await store.renewHousekeeping(worker: holder, lease: .seconds(60)))
            // The first is gone: another takes over, and the first, come back, may not go on.
            try await fixture.pool.execute("UPDATE housekeeping SET leased_until = now() - interval '1 second'")
            #expect(try await take("late"))
            #expect(try await !store.renewHousekeeping(worker: holder, lease: .seconds(60)))
            try await store.finishHousekeeping(worker: "late")
            #expect(try await !take("early"))
            try await fixture.pool.execute("UPDATE housekeeping SET finished_at = now() - interval '2 hours'")
            #expect(try await take("next"))
        }
    }

    @Test("the service takes away what the policy says, once for all daemons")
    func service() async throws {
        try await StoresFixture.run { fixture in
            let idle = try await endedCycle("idle", samples: 5, in: fixture)
            func service(_ worker: String, _ policy: String) throws -> HousekeepingService {
                var settings = HousekeepingService.Settings()
                settings.policy = try #require(RetentionPolicy(policy))
                return HousekeepingService(
                    store: fixture.store.housekeeping, worker: worker, settings: settings,
                    logger: Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() }))
            }
            let first = try await service("a", "samples=forever").tick()
            #expect(first?.map(\.subject).contains(.samples) == false)
            #expect(try await samples(of: idle, in: fixture) == 5)
            let second = try await service("b", "samples=1h").tick()
            #expect(second == nil)
            try await fixture.pool.execute("UPDATE housekeeping SET finished_at = now() - interval '1 day'")
            let third = try await service("b", "samples=1h").tick()
            #expect(third?.first { $0.subject == .samples }?.rows == 5)
        }
    }
}

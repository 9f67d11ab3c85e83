import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Migrations
import PostgresClient
import Testing

@Suite("The chain of evidence in PostgreSQL")
struct StoresAuditTests {
    private static func audit(_ store: PostgresStores, anchor: AuditAnchor? = nil) -> EvidenceAudit {
        EvidenceAudit(stores: store, artifacts: NoArtifacts(), anchor: anchor)
    }

    /// A history of two use cases, with what stands of it outside the database.
    private static func run<Value: Sendable>(
        _ body: @Sendable (StoresFixture, EvidenceAudit) async throws -> Value
    ) async throws -> Value {
        try await TemporaryDirectory.with { directory in
            try await StoresFixture.run { fixture in
                try await AuditHistory(store: fixture.store, pool: fixture.pool).add(2)
                let anchor = try await AuditAnchor(
                    path: directory + "/audit/heads.jsonl", logger: PostgresFixture.shared.logger)
                try await anchor.look(in: fixture.store)
                return try await body(fixture, audit(fixture.store, anchor: anchor))
            }
        }
    }

    /// What is said of the first use case once a superuser has made these edits, one after the other.
    private static func report(after edits: String...) async throws -> AuditReport {
        try await run { fixture, audit in
            try await fixture.pool.behindTheTriggers(edits)
            return try await audit.report(name: "audited-1")
        }
    }

    /// A cycle of the use case `colour`, with an experiment under way that has answers.
    private struct Answered {
        var cycle: Cycle
        var experiment: ExperimentID
        var samples: [Sample]

        /// - Parameter count: how many examples have an answer, at the most.
        init(_ count: Int = .max, in fixture: StoresFixture) async throws {
            cycle = try await fixture.startedCycle()
            let candidate = StoresFixture.candidate("zero-shot")
            experiment = try await fixture.store.openExperiment(
                cycle: cycle.id, purpose: .search, round: 1, candidates: [candidate], plannedCalls: 2
            ).id
            let examples = try await fixture.store.examples(of: cycle.snapshot, in: .prototype).prefix(count)
            samples = examples.map { StoresFixture.sample(candidate, $0.id) }
            try await fixture.store.write(SampleBatch(experiment: experiment, samples: samples, answers: [:]))
        }
    }

    @Test("every kind of row that a decision rests on is chained as it is written, and holds")
    func holds() async throws {
        try await Self.run { fixture, audit in
            for name in ["audited-1", "audited-2"] {
                let report = try await audit.report(name: name)
                #expect(report.verdict == .holds, "\(report.findings) \(report.unknowns)")
                #expect(
                    Set(report.counts.map(\.kind)) == [
                        "adapter", "curve", "cycle", "decision", "experiment", "gate", "job", "label", "look",
                        "look-event", "move", "payment", "release", "revision", "snapshot", "sweep", "verdict",
                    ])
                #expect(report.counts.allSatisfy { $0.state == .holds } && report.open == 0)
            }
        }
    }

    @Test(
        "of edits, deletions and truncations by a superuser with triggers off, none goes unnoticed", arguments: [1, 2])
    func trial(seed: UInt64) async throws {
        try await TemporaryDirectory.with { directory in
            try await PostgresFixture.shared.withDatabase { pool in
                let trial = try await AuditTrial(
                    pool: pool, directory: directory, useCases: 2, logger: PostgresFixture.shared.logger)
                #expect(try await trial.holds())
                let outcome = try await trial.run(edits: 150, seed: seed)
                #expect(outcome.unnoticed == [] && outcome.made == 150)
                #expect(outcome.counts.count >= 6)
                #expect(try await trial.holds(), "what is undone holds again")
            }
        }
    }

    @Test("a person's second word, a golden check again and retention are entries of the chain, and leave it whole")
    func allowed() async throws {
        try await Self.run { fixture, audit in
            let before = try await audit.report(name: "audited-1").head.entries
            try await fixture.pool.execute("UPDATE label SET verdict = 'skip'")
            try await fixture.pool.execute("UPDATE adapter SET golden = golden || '{\"bar\": 0.8}'")
            try await fixture.pool.execute("UPDATE training_job SET state = 'running', finished_at = NULL")
            let report = try await audit.report(name: "audited-1")
            #expect(report.verdict == .holds, "\(report.findings)")
            // The label, the adapter, and of each of two jobs the row and the curve.
            #expect(report.head.entries == before + 6)
            #expect(report.counts.contains(.init(kind: "job", state: .gone, rows: 2)))
            #expect(report.counts.contains(.init(kind: "curve", state: .gone, rows: 2)))
        }
    }

    @Test("a curve is chained again only where a late point changes it")
    func latePoints() async throws {
        try await Self.run { fixture, audit in
            let before = try await audit.report(name: "audited-1").head.entries
            let again = """
                INSERT INTO training_point (training_job_id, step, loss, elapsed_seconds)
                SELECT id, 900, 0.5, 99 FROM training_job WHERE cycle_id = 1
                ON CONFLICT (training_job_id, step) DO UPDATE SET elapsed_seconds = excluded.elapsed_seconds
                """
            for _ in 0..<2 { try await fixture.pool.execute(again) }
            let report = try await audit.report(name: "audited-1")
            #expect(report.head.entries == before + 2, "one for each of two jobs")
            // Decisions rest on what the curves were: that they were other ones since is told.
            #expect(report.findings.map(\.code) == ["audit.row_changed", "audit.row_changed"])
        }
    }

    @Test(
        "figures that decisions read are found where a superuser edits them",
        arguments: [
            (
                #"UPDATE cycle SET state = jsonb_set(state, '{trainings}', '0')"#, "audit.state_changed",
                "trainings 0, 1"
            ),
            (#"UPDATE cycle SET state = jsonb_set(state, '{round}', '5')"#, "audit.state_changed", "round 5, 1"),
            (#"UPDATE cycle SET state = jsonb_set(state, '{looks}', '0')"#, "audit.state_changed", "looks 0, 2"),
            (#"UPDATE cycle SET state = state - 'candidate'"#, "audit.state_changed", "candidate none, "),
            (#"UPDATE cycle SET state = '{}'"#, "audit.state_changed", "a state that no version writes"),
            ("UPDATE training_point SET elapsed_seconds = 0", "audit.row_changed", "curve "),
            (
                "UPDATE training_job SET created_at = created_at + interval '1 day'", "audit.row_changed", "curve "
            ),
            ("UPDATE training_job SET seconds = 0 WHERE purpose = 'pilot'", "audit.row_changed", "job "),
            ("DELETE FROM search_call", "audit.row_missing", "payment search/"),
            ("UPDATE lost_call SET calls = 0", "audit.row_changed", "payment lost/"),
            (
                "UPDATE experiment_candidate SET paid_cost_micro_dollars = 0", "audit.figure_changed",
                "otherwise than its samples were"
            ),
            (
                "UPDATE experiment_candidate SET samples = samples + 1, paid_calls = 0, paid_cost_micro_dollars = 0",
                "audit.figure_changed", "otherwise than its samples were"
            ),
            ("UPDATE cycle SET is_paused = true", "audit.state_changed", "does not stand where its history ends"),
            ("UPDATE cycle SET block_code = 'x'", "audit.state_changed", "does not stand where its history ends"),
            ("UPDATE cycle SET ended_at = now()", "audit.state_changed", "does not stand where its history ends"),
            (
                #"UPDATE cycle SET state = state || '{"isPaused": "maybe", "block": 3}'"#, "audit.state_changed",
                "a state that no version writes"
            ),
        ])
    func figures(statement: String, code: String, words: String) async throws {
        let report = try await Self.report(after: statement)
        #expect(
            report.findings.contains { $0.code.rawValue == code && $0.sentence.contains(words) },
            "\(report.findings)")
    }

    @Test("a cycle that was retired and is not ended is told")
    func notEnded() async throws {
        try await StoresFixture.run { fixture in
            try await Self.retire(try await fixture.startedCycle(), in: fixture)
            let audit = Self.audit(fixture.store)
            #expect(try await audit.report(name: "colour").findings == [])
            try await fixture.pool.behindTheTriggers("UPDATE cycle SET ended_at = NULL")
            #expect(try await audit.report(name: "colour").findings.map(\.code) == ["audit.state_changed"])
        }
    }

    @Test(
        "a decision that counts other trainings than the history, and a gate of somebody who was not chosen, are told")
    func counted() async throws {
        // With the chain made anew: by itself, it holds.
        let report = try await Self.report(
            after: "UPDATE decision SET record = jsonb_set(record, '{evidence,trainingsDone}', '0') WHERE look = 2",
            "UPDATE gate SET candidate_id = (SELECT candidate_id FROM gate WHERE id = 1) WHERE id = 2")
        #expect(report.findings.count { $0.code == "audit.figure_changed" } == 2, "\(report.findings)")
    }

    @Test(
        "what differs in a cycle that a build of before has counted in part is unknown, and never said to be changed",
        arguments: [
            (#"UPDATE cycle SET state = jsonb_set(state, '{trainings}', '2')"#, "trainings 2, 1"),
            (
                "UPDATE decision SET record = jsonb_set(record, '{evidence,trainingsDone}', '0') WHERE look = 2",
                "rests on 0 trainings"
            ),
        ])
    func otherRules(statement: String, words: String) async throws {
        try await StoresFixture.run { fixture in
            try await AuditHistory(store: fixture.store, pool: fixture.pool).add(1)
            // As a daemon wrote it that says no rules; its own chain goes on from it.
            try await fixture.pool.behindTheTriggers(
                statement, "UPDATE transition SET evidence = replace(evidence, '\"rules\":1,', '') WHERE sequence = 1")
            let audit = Self.audit(fixture.store)
            let report = try await audit.report(name: "audited-1")
            #expect(report.unknowns.contains { $0.code == "audit.other_rules" && $0.sentence.contains(words) })
            #expect(!report.findings.contains { ["audit.state_changed", "audit.figure_changed"].contains($0.code) })
            // Stripped off afterwards, the history itself is broken.
            #expect(report.findings.contains { $0.code == "audit.history_broken" })
        }
    }

    /// A statement of the first version with a chain, as it sends it.
    private static func statementOfBefore(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: folder.appending(path: "../Golden/audit-\(name)-m0027.sql"), encoding: .utf8)
    }

    @Test("a build of before says that a newer one has to verify the new entries, and misses nothing")
    func formats() async throws {
        try await Self.run { fixture, _ in
            let found = try await fixture.pool.query(try Self.statementOfBefore("rows"), [1])
            let states = try Dictionary(
                grouping: found, by: { try $0.get("state", as: String.self) }
            ).mapValues { try $0.map { try $0.get("kind", as: String.self) } }
            #expect(Set(states.keys) == ["holds", "newer"], "\(states)")
            #expect(states["newer"] == ["curve", "payment"] && states["holds"]?.count == 13)
            let experiments = try await fixture.pool.query(
                "SELECT 'experiment ' || id AS name FROM experiment WHERE finished_at IS NOT NULL"
            ).map { try $0.get("name", as: String.self) }
            let links = try await fixture.pool.query(
                try Self.statementOfBefore("links"), [1, experiments + ["snapshot 1"]])
            #expect(links.isEmpty)
        }
    }

    /// Takes a cycle out of use, as of long ago.
    private static func retire(_ cycle: Cycle, in fixture: StoresFixture) async throws {
        try await fixture.advance(cycle, by: .retired)
        try await fixture.pool.execute("UPDATE cycle SET ended_at = now() - interval '100 days'")
    }

    @Test("samples that retention takes away of an experiment that was never over are no loss either")
    func retentionUnfinished() async throws {
        try await StoresFixture.run { fixture in
            let answered = try await Answered(1, in: fixture)
            try await Self.retire(answered.cycle, in: fixture)
            #expect(try await fixture.store.housekeeping.prune(.samples, olderThan: .seconds(3600), from: 0).rows == 1)
            #expect(try await Self.audit(fixture.store).report(name: "colour").findings == [])
        }
    }

    @Test("samples that retention takes away are said to be gone, not to be missing")
    func retention() async throws {
        try await StoresFixture.run { fixture in
            let answered = try await Answered(in: fixture)
            let audit = Self.audit(fixture.store)
            #expect(try await audit.report(name: "colour").open == answered.samples.count)
            try await fixture.store.finishExperiment(answered.experiment)
            let chained = try await audit.report(name: "colour")
            #expect(chained.open == 0 && chained.findings == [])
            let cost = answered.samples.reduce(0) { $0 + $1.costMicroDollars }
            try await Self.retire(answered.cycle, in: fixture)
            #expect(try await audit.report(name: "colour").findings == [])
            let totals = "UPDATE experiment_candidate SET samples = samples + 1, paid_cost_micro_dollars = 0"
            let undone = "UPDATE experiment_candidate SET samples = samples - 1, paid_cost_micro_dollars = \(cost)"
            try await fixture.pool.execute(totals)
            #expect(
                try await audit.report(name: "colour").findings.map(\.code) == ["audit.figure_changed"],
                "an end does not hide what is counted")
            try await fixture.pool.execute(undone)
            let step = try await fixture.store.housekeeping.prune(.samples, olderThan: .seconds(3600), from: 0)
            #expect(step.rows == answered.samples.count)
            let pruned = try await audit.report(name: "colour")
            #expect(pruned.findings == [])
            #expect(pruned.counts.contains(.init(kind: "experiment", state: .gone, rows: answered.samples.count)))
            try await fixture.pool.execute(totals)
            #expect(
                try await audit.report(name: "colour").findings.map(\.code) == ["audit.figure_changed"],
                "the chain says how many went")
        }
    }

    @Test("a sample without an answer may go to be asked again until its gate is judged, and never after")
    func askedAgain() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let candidate = StoresFixture.candidate("zero-shot")
            let experiment = try await fixture.store.openExperiment(
                cycle: cycle.id, purpose: .gate, round: 1, candidates: [candidate], plannedCalls: 2)
            let example = try #require(try await fixture.store.examples(of: cycle.snapshot, in: .holdout).first).id
            let mute = StoresFixture.sample(candidate, example, output: nil)
            try await fixture.store.write(SampleBatch(experiment: experiment.id, samples: [mute], answers: [:]))
            try await fixture.store.finishExperiment(experiment.id)
            try await fixture.store.forgetUnanswered(in: experiment.id)
            let answered = StoresFixture.sample(candidate, example)
            try await fixture.store.write(SampleBatch(experiment: experiment.id, samples: [answered], answers: [:]))
            try await fixture.store.storeGate(StoresFixture.gate(candidate), cycle: cycle.id, experiment: experiment.id)
            #expect(try await Self.audit(fixture.store).report(name: "colour").findings == [])
            await #expect(throws: PostgresError.self) { try await fixture.pool.execute("DELETE FROM sample") }
        }
    }

    @Test("what was there before the chain is adopted: as it was then, and before that unknown")
    func adoption() async throws {
        try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            _ = try await Migrations.migrate(pool, migrations: Array(Migrations.all.prefix { $0.name != "audit" }))
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            try await AuditHistory(store: store, pool: pool).add(1)
            _ = try await Migrations.migrate(pool)
            let audit = Self.audit(store)
            let report = try await audit.report(name: "audited-1")
            #expect(report.verdict == .unknown && report.findings == [])
            #expect(report.unknowns.contains { $0.code == "audit.adopted" })
            #expect(report.counts.allSatisfy { $0.state == .adopted })
            try await pool.behindTheTriggers("UPDATE decision SET kind = 'stop' WHERE look = 2")
            #expect(try await audit.report(name: "audited-1").findings.map(\.code) == ["audit.row_changed"])
        }
    }

    @Test("what the eraser took away is unknown: it neither holds nor counts as changed")
    func erased() async throws {
        try await Self.run { fixture, audit in
            try await fixture.pool.makeEraser()
            let refused = await #expect(throws: PostgresError.self) {
                try await fixture.pool.execute("SELECT audit_erase(1, 'snapshot', '1', '1/row/1', 'asked to')")
            }
            #expect(refused?.sqlState == "42501")
            try await fixture.pool.withTransaction { connection in
                try await connection.script("SET LOCAL ROLE fledge_eraser")
                try await connection.execute(
                    "UPDATE example SET inputs = '{}', fields = '{}', expected = 'erased' "
                        + "WHERE snapshot_id = 1 AND row_number = 1")
                try await connection.execute("SELECT audit_erase(1, 'snapshot', '1', '1/row/1', 'asked to')")
                // Its answers go with it, although a gate has been judged on them.
                try await connection.execute("UPDATE sample SET output = 'erased' WHERE example_id = 1")
                try await connection.execute(
                    """
                    SELECT audit_erase(1, 'experiment', s.experiment_id::text, audit_name(s), 'asked to') FROM sample s
                    WHERE s.example_id = 1
                    """)
            }
            let answers = try await fixture.pool.query("SELECT count(*) AS n FROM sample WHERE example_id = 1")
            let report = try await audit.report(name: "audited-1")
            #expect(report.verdict == .unknown)
            #expect(report.findings == [], "\(report.findings)")
            #expect(report.unknowns.map(\.code).allSatisfy { $0 == "audit.erased" })
            #expect(report.unknowns.count == 1 + (try answers[0].get("n", as: Int.self)))
            // A salt that went without a word is found.
            try await fixture.pool.behindTheTriggers(
                "UPDATE audit_leaf SET salts[1] = NULL WHERE use_case_id = 1 AND sequence = 1")
            let silent = try await audit.report(name: "audited-1")
            #expect(silent.verdict == .changed && silent.findings.map(\.code) == ["audit.salt_missing"])
        }
    }

    @Test("answers that the eraser deletes are unknown as well, in an open cycle: what was paid for them stays paid")
    func erasedRows() async throws {
        try await Self.run { fixture, audit in
            try await fixture.pool.makeEraser()
            let gone = try await fixture.pool.query("SELECT count(*) AS n FROM sample WHERE example_id = 1")[0]
                .get("n", as: Int.self)
            try await fixture.pool.withTransaction { connection in
                try await connection.script("SET LOCAL ROLE fledge_eraser")
                try await connection.execute(
                    """
                    SELECT audit_erase(1, 'experiment', s.experiment_id::text, audit_name(s), 'asked to') FROM sample s
                    WHERE s.example_id = 1
                    """)
                try await connection.execute("DELETE FROM sample WHERE example_id = 1")
            }
            let report = try await audit.report(name: "audited-1")
            #expect(gone > 0 && report.verdict == .unknown && report.findings == [], "\(report.findings)")
            #expect(report.unknowns.map(\.code) == Array(repeating: "audit.erased", count: gone))
            // It is no licence: what is there was paid for, and no more than one call for each that went.
            for edit in ["paid_cost_micro_dollars = 0", "samples = samples + 9", "paid_calls = paid_calls - 1"] {
                try await fixture.pool.behindTheTriggers("UPDATE experiment_candidate SET \(edit)")
                #expect(
                    try await audit.report(name: "audited-1").findings.contains { $0.code == "audit.figure_changed" },
                    "\(edit)")
            }
        }
    }

    @Test("answers that the eraser deletes before their experiment is over are missed by nobody")
    func erasedBeforeTheEnd() async throws {
        try await StoresFixture.run { fixture in
            try await fixture.pool.makeEraser()
            let answered = try await Answered(in: fixture)
            func paid() async throws -> [Int] {
                let row = try await fixture.pool.query(
                    """
                    SELECT sum(calls)::bigint AS calls, sum(tokens)::bigint AS tokens, sum(cost_micro_dollars)::bigint AS cost
                    FROM cycle_payment
                    """)[0]
                return try ["calls", "tokens", "cost"].map { try row.get($0, as: Int.self) }
            }
            let before = try await paid()
            try await fixture.pool.withTransaction { connection in
                try await connection.script("SET LOCAL ROLE fledge_eraser")
                try await connection.execute(
                    "DELETE FROM sample WHERE example_id = $1", [answered.samples[0].example.rawValue])
            }
            let audit = Self.audit(fixture.store)
            #expect(try await audit.report(name: "colour").findings == [])
            try await fixture.store.finishExperiment(answered.experiment)
            #expect(try await audit.report(name: "colour").findings == [])
            #expect(try await paid() == before && before == [2, 24, 14])
        }
    }

    @Test("the rows of one cycle alone are looked at where one cycle is asked for")
    func scope() async throws {
        try await Self.run { fixture, audit in
            let useCase = try #require(try await fixture.store.useCase(named: "audited-1"))
            let cycle = try #require(try await fixture.store.currentCycle(of: useCase))
            let whole = try await audit.report(useCase, name: "audited-1", cycle: nil)
            let one = try await audit.report(useCase, name: "audited-1", cycle: cycle.id)
            #expect(one.rows == whole.rows && one.verdict == .holds)
            // Totals of other cycles' samples wait until somebody asks for all.
            let other = try #require(try await fixture.store.useCase(named: "audited-2"))
            let foreign = try #require(try await fixture.store.currentCycle(of: other))
            let undone = "UPDATE experiment_candidate SET paid_tokens = paid_tokens - 1"
            try await fixture.pool.behindTheTriggers("UPDATE experiment_candidate SET paid_tokens = paid_tokens + 1")
            for (asked, isFound) in [(cycle.id, true), (foreign.id, false), (nil, true)] {
                let report = try await audit.report(useCase, name: "audited-1", cycle: asked)
                #expect(report.findings.contains { $0.code == "audit.figure_changed" } == isFound)
            }
            try await fixture.pool.behindTheTriggers(undone)
            try await fixture.pool.behindTheTriggers("UPDATE sample SET output = 'x' WHERE experiment_id = 1")
            #expect(try await audit.report(useCase, name: "audited-1", cycle: cycle.id).verdict == .changed)
            #expect(try await audit.report(other, name: "audited-2", cycle: nil).verdict == .holds)
        }
    }
}

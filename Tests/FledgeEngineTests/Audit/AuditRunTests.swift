import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@Suite("Evidence is verified where it is read")
struct AuditRunTests {
    @Test("a whole way to production, with training, leaves a chain that holds")
    func holds() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            let anchor = try await AuditAnchor(
                path: fixture.directory + "/audit/heads.jsonl", logger: PostgresFixture.shared.logger)
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            try await anchor.look(in: fixture.store)
            let control = fixture.services("person", anchor: anchor).control
            let report = try await control.audit(name: "parity")
            #expect(report.verdict == .holds, "\(report.findings) \(report.unknowns)")
            #expect(try await control.explain(name: "parity").evidence?.verdict == .holds)
            #expect(try await control.auditedNames() == ["parity"])
            let content = try await fixture.store.reportContent(useCase: "parity", from: nil, to: Date())
            #expect(content.useCases.map(\.audit) == [report.head])
        }
    }

    @Test(
        "nothing is promoted on evidence that was edited before its release",
        arguments: [
            ("UPDATE gate SET result = result || '{\"holdoutScore\": 0.5}'", "audit.row_changed"),
            (
                "UPDATE sample SET output = output || 'x' WHERE ctid = (SELECT min(ctid) FROM sample)",
                "audit.row_changed"
            ),
            ("UPDATE example SET expected = 'odd' WHERE split = 'holdout'", "audit.row_changed"),
            ("UPDATE definition_revision SET source_text = 'x'", "audit.row_changed"),
            ("UPDATE candidate SET document = document || '{\"system\": \"x\"}'", "audit.row_changed"),
            ("DELETE FROM holdout_look", "audit.row_missing"),
            ("DELETE FROM sample WHERE ctid = (SELECT min(ctid) FROM sample)", "audit.row_missing"),
            (
                "UPDATE transition SET actor = 'eve' WHERE sequence = (SELECT max(sequence) FROM transition)",
                "audit.history_broken"
            ),
            ("DELETE FROM audit_entry WHERE sequence = 3", "audit.chain_broken"),
            ("UPDATE cycle SET state = jsonb_set(state, '{trainings}', '3')", "audit.state_changed"),
            ("UPDATE experiment_candidate SET paid_tokens = paid_tokens + 1", "audit.figure_changed"),
        ])
    func edited(statement: String, code expected: String) async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(EngineFixture.definition(approval: .manual))
            try await fixture.work { $0.activity == .awaitingApproval }
            _ = try await fixture.control.send(.approve, to: "parity", actor: "grace")
            try await fixture.pool.behindTheTriggers(statement)
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == expected, "\(state.block?.message ?? "")")
            #expect(try await fixture.control.releases(name: "parity").isEmpty)
        }
    }

    @Test("nothing is decided on a number of trainings that the history does not count")
    func trainings() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.activity == .deciding }
            try await fixture.pool.behindTheTriggers("UPDATE cycle SET state = jsonb_set(state, '{trainings}', '1')")
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "audit.state_changed" && state.activity == .deciding)
            let decided = try await fixture.pool.query("SELECT FROM decision")
            #expect(decided.isEmpty)
        }
    }

    @Test("a gate is not judged on edited data, and spends no look on it")
    func gate() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.pool.behindTheTriggers(
                "UPDATE example SET expected = 'even' WHERE split = 'holdout' AND expected = 'odd'")
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "audit.row_changed" && state.activity == .judging)
            #expect(try await fixture.control.holdout(name: "parity").looks.isEmpty)
        }
    }

    @Test("a release whose prompt or approver was edited is neither exported nor gone back to, and nothing is replayed")
    func release() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            try await fixture.pool.behindTheTriggers(
                "UPDATE release SET bundle = jsonb_set(bundle, '{approvedBy}', '\"grace\"')")
            let control = fixture.control
            let exported = await code { _ = try await control.export(name: "parity", number: nil) }
            #expect(exported == "audit.row_changed")
            let replayed = await code { _ = try await control.replay(name: "parity") }
            #expect(replayed == "audit.row_changed")
            let rolledBack = await code {
                _ = try await control.rollback(name: "parity", to: 1, actor: "ada", reason: "a reason to go back")
            }
            #expect(rolledBack == "audit.row_changed")
            let evidence = try await control.explain(name: "parity").evidence
            #expect(evidence?.findings.map(\.row) == ["release 1"])
        }
    }

    @Test(
        "an adapter whose files were edited or deleted is neither gone back to nor exported, and doctor names it",
        arguments: AdapterLoss.allCases)
    func adapterInUse(loss: AdapterLoss) async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            #expect(try await fixture.control.championAdapters().map(\.problem) == [nil])
            fixture.training.loseAdapters(loss)
            let checks = try await fixture.control.championAdapters()
            #expect(checks.map(\.problem?.code) == [loss.code])
            #expect(checks.map(\.useCase) == ["parity"] && checks.map(\.release) == [1])
            let control = fixture.control
            let rolledBack = await code {
                _ = try await control.rollback(name: "parity", to: 1, actor: "ada", reason: "a reason to go back")
            }
            #expect(rolledBack == loss.code.rawValue)
            let exported = await code { _ = try await control.export(name: "parity", number: nil) }
            #expect(exported == loss.code.rawValue)
        }
    }

    @Test(
        "an adapter whose files were edited or deleted after its gate is not promoted, though it was approved",
        arguments: AdapterLoss.allCases)
    func adapterPromoted(loss: AdapterLoss) async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply(EngineFixture.definition(approval: .manual))
            try await fixture.work { $0.activity == .awaitingApproval }
            _ = try await fixture.control.send(.approve, to: "parity", actor: "grace")
            fixture.training.loseAdapters(loss)
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.activity == .releasing && state.block?.code == loss.code.rawValue, "\(state)")
            #expect(try await fixture.control.releases(name: "parity").isEmpty)
            #expect(try await fixture.control.championAdapters().isEmpty)
        }
    }
}

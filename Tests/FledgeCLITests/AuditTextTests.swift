import FledgeCore
import FledgeEngine
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("What is said of the evidence")
struct AuditTextTests {
    private static func report(findings: Bool, unknowns: Bool) -> AuditReport {
        var report = Fixtures.auditReport
        if !findings { report.findings = [] }
        report.unknowns =
            unknowns
            ? [AuditFinding(code: "audit.adopted", row: "9 rows", sentence: "9 rows were written before")] : []
        return report
    }

    @Test(
        "only what holds ends with 0; what is not known never does",
        arguments: [
            (false, false, FledgeCore.ExitStatus.success), (false, true, .inconclusive), (true, false, .badData),
            (true, true, .badData),
        ])
    func exitStatus(findings: Bool, unknowns: Bool, status: FledgeCore.ExitStatus) {
        let report = Self.report(findings: findings, unknowns: unknowns)
        #expect(AuditText.exitStatus(of: [report]) == status)
        let sound = Self.report(findings: false, unknowns: false)
        #expect(AuditText.exitStatus(of: [sound, report, sound]) == status)
        #expect(AuditText.exitStatus(of: []) == .success)
    }

    @Test("every row that was changed is named with its code, and what is under way is told of apart")
    func names() {
        let text = AuditText.render(Fixtures.auditReport)
        #expect(text.hasPrefix("lexical-category: CHANGED: 2 findings in 412 rows\n"))
        #expect(text.contains("  CHANGED: gate 2 was changed [audit.row_changed]"))
        #expect(text.contains("  CHANGED: decision 1 is missing [audit.row_missing]"))
        #expect(text.contains("  gate: 1 changed, 1 holds"))
        #expect(text.contains("  under way: 7 samples, chained when their experiment is over"))
        #expect(text.contains("chain: 12 entries, head aaaaaaaaaaaa; 8 transitions, head bbbbbbbbbbbb"))
    }

    @Test("an explanation ends with what is known of its evidence, never with more")
    func explanation() {
        var explanation = Fixtures.explanation
        explanation.evidence = Self.report(findings: false, unknowns: false)
        #expect(
            ExplanationText.render(explanation).hasSuffix("The evidence holds: every row is what was recorded."))
        explanation.evidence = Self.report(findings: false, unknowns: true)
        let unknown = ExplanationText.render(explanation)
        #expect(unknown.hasSuffix("  unknown: 9 rows were written before") && !unknown.contains("evidence holds"))
        explanation.evidence = Self.report(findings: true, unknowns: false)
        let changed = ExplanationText.render(explanation)
        #expect(changed.hasSuffix("  gate 2 was changed\n  decision 1 is missing") && !changed.contains("holds:"))
    }

    @Test("work on changed evidence is refused with the first row's code")
    func refusal() {
        let refusal = Fixtures.auditReport.refusal
        #expect(refusal?.code == "audit.row_changed" && refusal?.exitCode == .badData)
        #expect(refusal?.message.hasSuffix("gate 2 was changed (and 1 more)") == true)
        #expect(Self.report(findings: false, unknowns: true).refusal == nil)
    }

    @Test("doctor names every champion whose adapter's files are not what was stored")
    func adapters() {
        var sound = Fixtures.brokenAdapter
        sound.useCase = "triage"
        sound.problem = nil
        let findings = Doctor.findings(of: [sound, Fixtures.brokenAdapter])
        #expect(findings.map(\.state) == [.problem])
        #expect(findings.first?.detail == "lexical-category, release 1: the adapter is not in the store")
        #expect(DoctorFinding.exitStatus(of: findings) == .unavailable)
        #expect(Doctor.findings(of: [sound]).map(\.state) == [.ok] && Doctor.findings(of: []).isEmpty)
    }
}

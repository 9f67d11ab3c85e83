import FledgeCore
import FledgeEngine
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("What explain prints of decisions")
struct DecisionTextTests {
    private static var decision: Decision {
        var decision = DecisionRules.decide(Fixtures.decision(.fineTune).evidence)
        decision.number = 3
        return decision
    }

    @Test("a decision comes with its number, its flip points and the names of what is not known")
    func short() {
        let lines = DecisionText.render(Self.decision)
        #expect(lines.first?.hasPrefix("Decision 3: \(Self.decision.kind.rawValue). ") == true)
        #expect(lines.contains("  it would be promote if the bar on accuracy were 0.228 or less"))
        #expect(lines.last?.hasSuffix("(see --decision 3)") == true)
        #expect(lines.last?.contains("learning-curve, forecast") == true)
    }

    @Test("the whole record names its rules, and says what supplies each missing number")
    func details() {
        let text = DecisionText.details(Self.decision)
        #expect(text.contains("criteria-met"))
        #expect(text.contains("Pilot(sizes: 50, 100, 200) in FineTune"))
        #expect(text.contains("Rules (version \(DecisionRules.version))"))
    }

    @Test("a record of the first rules is shown without what it does not have")
    func old() {
        let lines = DecisionText.render(Fixtures.decision(.fineTune))
        #expect(
            lines == [
                "Decision: fine-tune. Prompting has plateaued and there are enough examples.",
                "  yes: no gain over the last 2 rounds",
            ])
    }

    @Test("a replay says of each record whether it is the same, and shows where it is not")
    func replay() {
        let replay = Replay(
            useCase: "u",
            records: [
                .init(
                    subject: .gate, cycle: 1, look: 1, number: nil, recorded: "failed", computed: "failed",
                    differences: [], note: nil),
                .init(
                    subject: .decision, cycle: 1, look: 1, number: 1, recorded: "fine-tune", computed: "promote",
                    differences: [JSONDifference(path: "kind", recorded: "fine-tune", computed: "promote")], note: nil),
            ])
        #expect(!replay.isEqual)
        #expect(
            DecisionText.render(replay) == """
                cycle 1, gate, look 1: the same: failed
                cycle 1, decision 1: DIFFERENT: fine-tune recorded, promote computed
                  kind: fine-tune recorded, promote computed
                """)
        #expect(replay.exitStatus == .badData)
    }

    @Test("what rests on erased evidence is said to be unknown, with what was erased, and is no difference")
    func erased() {
        func row(_ name: String) -> AuditFinding { AuditFinding(code: "audit.erased", row: name, sentence: "") }
        var replay = Replay(
            useCase: "u",
            records: [
                .init(
                    subject: .gate, cycle: 1, look: 1, number: nil, recorded: "passed", computed: "unknown",
                    differences: [], note: "unknown: erased", isErased: true),
                .init(
                    subject: .gate, cycle: 2, look: 1, number: nil, recorded: "failed", computed: "failed",
                    differences: [], note: nil),
            ], erased: [Replay.Erased(cycle: 1, rows: [row("snapshot 1/row/7"), row("experiment 3/c/7/0")])])
        #expect(
            DecisionText.render(replay) == """
                cycle 1, gate, look 1: unknown: erased; passed recorded
                cycle 2, gate, look 1: the same: failed
                cycle 1 rests on what was erased:
                  snapshot 1/row/7
                  experiment 3/c/7/0
                """)
        #expect(replay.exitStatus == .inconclusive)
        replay.records[1].differences = [JSONDifference(path: "verdict", recorded: "failed", computed: "passed")]
        #expect(replay.exitStatus == .badData)
        replay.records.removeAll()
        #expect(replay.exitStatus == .success)
    }
}

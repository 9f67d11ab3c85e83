import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("Next steps")
struct StoresNextStepsTests {
    private static func status(_ stage: Stage, _ activity: Activity, block: String? = nil) -> UseCaseStatus {
        var state = CycleState(stage: stage, activity: activity, round: 2, looks: 1)
        state.block = block.map { .init(code: $0, message: "m") }
        return UseCaseStatus(
            name: "colour", owner: nil, revision: 1, cycle: 1, state: state, since: .now, release: 3,
            bestPrototypeScore: nil,
            bestCandidate: nil, lastGate: nil, progress: nil, callsMade: 0, costMicroDollars: 0)
    }

    @Test(
        "every place has a sentence, and those that wait for a person name the command",
        arguments: [
            (Stage.promptPrototype, Activity.experimenting, nil, "Prompt round 2"),
            (.validation, .judging, nil, "look 1"), (.validation, .deciding, nil, "decision"),
            (.validation, .awaitingApproval, nil, "fledge approve colour"), (.validation, .releasing, nil, "release"),
            (.fineTune, .training, nil, "trained"), (.production, .live, nil, "Release 3 serves"),
            (.retired, .none, nil, "retired"), (.promptPrototype, .experimenting, "cancelled", "fledge retry colour"),
            (.validation, .deciding, "stopped", "fledge explain colour"),
            (.fineTune, .training, "x.y", "fledge retry colour"),
            (.validation, .judging, "spend.cap_reached", "by itself when the next period begins"),
            (.validation, .awaitingApproval, "approval-refused", "apply it again"),
        ] as [(Stage, Activity, String?, String)])
    func places(stage: Stage, activity: Activity, block: String?, expected: String) {
        let sentences = NextSteps.sentences(
            for: Self.status(stage, activity, block: block), newestRevision: 1, gates: [], decisions: [])
        #expect(sentences.contains { $0.contains(expected) })
    }

    @Test("what serves is said beside what is tried, and who went back to it")
    func serving() {
        var status = Self.status(.validation, .deciding, block: "stopped")
        status.serving = Serving(
            release: 1, candidate: "c", adapter: nil, revision: 1, cycle: 0,
            move: ChampionMove(from: 2, to: 1, actor: "grace", reason: "it was better", at: .now))
        func sentences() -> [String] {
            NextSteps.sentences(for: status, newestRevision: 1, gates: [], decisions: [])
        }
        #expect(sentences().first == "Release 1 goes on serving production, whatever comes of cycle 1.")
        status.state = CycleState(stage: .production, activity: .live)
        #expect(sentences().contains { $0.contains("grace went back to it (it was better)") })
        #expect(!sentences().contains { $0.contains("whatever comes") })
    }

    @Test("an open criterion says how many examples would settle it")
    func evidenceGap() {
        let result = CriterionResult(
            criterion: CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8)), verdict: .inconclusive,
            value: 0.82,
            lower: 0.78, upper: 0.86, count: 300, alpha: 0.05, countNeeded: 1200)
        let gate = GateResult(
            candidate: Digest(of: "c"), candidateName: "c", verdict: .inconclusive, criteria: [result], look: 1,
            looksAllowed: 3, prototypeScore: nil, holdoutScore: nil)
        let sentences = NextSteps.sentences(
            for: Self.status(.validation, .deciding), newestRevision: 2, gates: [gate], decisions: [])
        #expect(sentences.contains { $0.contains("about 1200 would settle it") })
        #expect(sentences.contains { $0.contains("Revision 2 waits") })
    }
}

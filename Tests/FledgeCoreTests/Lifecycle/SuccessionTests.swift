import FledgeCore
import FledgeDocument
import Testing

@Suite("Whether and how a new revision takes over")
struct SuccessionTests {
    private static let candidate = Digest(of: "candidate")
    private static let working = CycleState(stage: .promptPrototype, activity: .experimenting, round: 1)
    private static let live = CycleState(stage: .production, activity: .live, candidate: candidate)
    private static let waiting = CycleState(stage: .validation, activity: .awaitingApproval, candidate: candidate)
    private static let retired = CycleState(stage: .retired, activity: .none)
    private static var blocked: CycleState {
        var state = working
        state.block = .init(code: "work.failed", message: "m")
        return state
    }
    private static var paused: CycleState {
        var state = blocked
        state.isPaused = true
        return state
    }

    private static func after(_ state: CycleState, revision: Int) -> Succession.Incumbent {
        .init(state: state, revision: revision, isOpen: state.stage != .retired)
    }

    @Test("the first revision opens a cycle")
    func first() {
        #expect(Succession(to: 1, after: nil, hasEvidence: false) == .open(superseding: false))
    }

    @Test(
        "one that asks for new evidence waits for a cycle under way, and takes the place of one that has come to rest",
        arguments: [
            (working, .wait), (waiting, .wait), (live, .open(superseding: true)), (blocked, .open(superseding: true)),
            (paused, .open(superseding: true)), (.new, .open(superseding: true)), (retired, .open(superseding: false)),
        ] as [(CycleState, Succession)])
    func newEvidence(state: CycleState, expected: Succession) {
        #expect(Succession(to: 3, after: Self.after(state, revision: 2), hasEvidence: false) == expected)
        #expect(Succession(to: 9, after: Self.after(state, revision: 2), hasEvidence: false) == expected)
    }

    @Test(
        "one that asks for none is adopted wherever the cycle stands",
        arguments: [working, waiting, live, blocked, paused, .new, retired])
    func sameEvidence(state: CycleState) {
        #expect(Succession(to: 3, after: Self.after(state, revision: 2), hasEvidence: true) == .adopt)
    }

    @Test(
        "one that the cycle is pinned to wants nothing, but the start of a cycle that has not begun",
        arguments: [working, waiting, live, blocked, paused, .new, retired])
    func pinned(state: CycleState) {
        for (revision, hasEvidence) in [(2, true), (2, false), (1, false)] {
            let succession = Succession(
                to: revision, after: Self.after(state, revision: 2), hasEvidence: hasEvidence)
            #expect(succession == (state == .new ? .start : .settled))
        }
    }

    @Test("daemons start by themselves what waits for nobody, and bring no retired use case back")
    func unasked() {
        let unasked = [Succession.open(superseding: true), .open(superseding: false), .adopt, .start, .wait, .settled]
            .filter(\.isUnasked)
        #expect(unasked == [.open(superseding: true), .start])
    }

    @Test(
        "the machine ends a cycle for a newer revision where it gives way, and nowhere else", arguments: [false, true])
    func agreesWithTheMachine(needsApproval: Bool) {
        for state in CycleMachineTests.reachable(needsApproval: needsApproval) {
            let succession = Succession(to: 2, after: Self.after(state, revision: 1), hasEvidence: false)
            var machine = CycleMachine(state: state, needsApproval: needsApproval)
            let isTaken = (try? machine.handle(.superseded(by: 2))) != nil
            #expect(isTaken == (succession == .open(superseding: true)), "\(state)")
            #expect(machine.state == state, "it is over where it stands")
        }
    }

    @Test("evidence is the same where nothing that counts has changed, on the same data, of what can be read")
    func evidence() {
        let old = UseCaseDefinition(name: "colour", purpose: "Name it.", owner: "paint")
        var renamed = old
        renamed.purpose = "Name the colour."
        var asked = old
        asked.promptPrototype = PromptPrototypeDefinition(prompts: [PromptDefinition(name: "p", user: "Another.")])
        #expect(Succession.hasEvidence(of: old, for: renamed, isSameData: true))
        #expect(!Succession.hasEvidence(of: old, for: renamed, isSameData: false))
        #expect(!Succession.hasEvidence(of: old, for: asked, isSameData: true))
        #expect(!Succession.hasEvidence(of: nil, for: renamed, isSameData: true))
        #expect(!Succession.hasEvidence(of: old, for: nil, isSameData: true))
    }

    @Test("a cycle at its cap goes on when the cap becomes another one, and no other cycle does")
    func freed() {
        var capped = Self.working
        capped.block = .init(code: CycleState.Block.capReached, message: "m")
        let (small, large) = (
            SpendDefinition(calls: 1, period: .day), SpendDefinition(calls: 2, period: .day)
        )
        #expect(capped.isFreed(from: small, to: large) && capped.isFreed(from: small, to: nil))
        #expect(!capped.isFreed(from: small, to: small))
        #expect(!Self.blocked.isFreed(from: small, to: large) && !Self.working.isFreed(from: small, to: large))
    }
}

import FledgeCore
import Testing

@testable import FledgePostgres

@Suite("A transition's documents, written by hand")
struct TransitionStoredJSONTests {
    private static let odd = [
        "", "training-failed", "\"\\/\u{1}\u{8}\u{c}\u{1f}\u{7f}\r\n\t", "ü🜁 e\u{301}\u{2028}\r\n",
    ]
    private static let candidate = Digest(of: "candidate")

    @Test("a state is the bytes that the encoder makes of it", arguments: odd)
    func state(text: String) throws {
        var states = [CycleState.new]
        for activity in Activity.allCases {
            states.append(
                CycleState(
                    stage: .validation, activity: activity, round: 7, looks: 2, trainings: 1, candidate: Self.candidate,
                    isPaused: true, block: .init(code: text, message: "it says: \(text)")))
        }
        for stage in Stage.allCases { states.append(CycleState(stage: stage, activity: .live, round: .max)) }
        for state in states { #expect(try state.storedJSON == JSONProfile.stored.text(of: state)) }
    }

    @Test("what has a NUL reads back with U+FFFD in its place")
    func nul() throws {
        let state = CycleState(
            stage: .validation, activity: .judging, block: .init(code: "a\0b", message: "\\u0000\0"))
        let stored = try JSONProfile.stored.value(CycleState.self, from: state.storedJSON)
        #expect(stored.block == .init(code: "a\u{FFFD}b", message: "\\u0000\u{FFFD}"))
    }

    @Test("an action is the bytes that the encoder makes of it", arguments: odd)
    func action(text: String) throws {
        let actions: [CycleAction] = [
            .runExperiment(round: 3), .judgeGate(Self.candidate, look: 2), .decide(Self.candidate, look: 2),
            .train(attempt: 1), .comparePrompts(Self.candidate, attempt: 1), .makeRelease(Self.candidate),
            .notify(text),
        ]
        #expect(Set(actions.map(\.kind)).count == CycleAction.Kind.allCases.count - 1, "all but reports")
        for action in actions { #expect(try action.storedJSON == JSONProfile.stored.text(of: action)) }
    }
}

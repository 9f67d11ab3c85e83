/// Work that a transition asks for (`WorkChange.enqueue`): each action becomes one work item, written with the transition.
package enum CycleAction: Codable, Hashable, Sendable {
    case runExperiment(round: Int)
    case judgeGate(CandidateID, look: Int)
    case decide(CandidateID, look: Int)
    case train(attempt: Int)
    /// Prompts are compared on the adapter that the candidate was trained with.
    case comparePrompts(CandidateID, attempt: Int)
    case makeRelease(CandidateID)
    case notify(String)

    package enum Kind: String, Codable, Sendable, CaseIterable {
        case runExperiment = "run-experiment"
        case judgeGate = "judge-gate"
        case decide
        case train
        case comparePrompts = "compare-prompts"
        case makeRelease = "make-release"
        case notify
        /// Not a cycle's action: a report that a schedule or a person asked for.
        case writeReport = "write-report"

        /// Whether it goes on, in a process of its own, when its daemon ends: then it can't have been what ended it, and
        /// takes too long for others to wait for.
        package var outlivesDaemon: Bool {
            switch self {
            case .train: true
            case .runExperiment, .judgeGate, .decide, .comparePrompts, .makeRelease, .notify, .writeReport: false
            }
        }
    }

    package var kind: Kind {
        switch self {
        case .runExperiment: .runExperiment
        case .judgeGate: .judgeGate
        case .decide: .decide
        case .train: .train
        case .comparePrompts: .comparePrompts
        case .makeRelease: .makeRelease
        case .notify: .notify
        }
    }
}

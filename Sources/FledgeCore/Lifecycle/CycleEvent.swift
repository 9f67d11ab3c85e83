/// Something that happened to a cycle.
package enum CycleEvent: Codable, Hashable, Sendable {
    case started
    case roundFinished
    case candidateChosen(CandidateID)
    case gateJudged(Verdict, CandidateID)
    case decisionMade(DecisionKind)
    /// A candidate that has passed an earlier gate of the cycle is promoted: the decision says so, or the training that was to
    /// make it cheaper has failed.
    case earlierPromoted(CandidateID)
    case trainingFinished(CandidateID)
    case trainingFailed(code: String, message: String)
    case approvalGiven
    case approvalRefused(reason: String)
    case releaseMade(number: Int)
    case workFailed(code: String, message: String)
    case cancelled
    case driftSeen(String)
    case paused
    case resumed
    case retried
    case retired
    /// A newer revision that asks for no new evidence has taken the place of the one that the cycle was pinned to.
    case revisionAdopted(from: Int, to: Int, needsApproval: Bool)
    /// The champion was moved to another release: by the release itself, or by a person who went back to an earlier one.
    case championMoved(from: Int?, to: Int, reason: String)
    /// The cycle is over: it has given way to the revision of that number, on which the next one was opened.
    case superseded(by: Int)

    /// The event's kind, without what it carries: the key of the transition table and of the history.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case started
        case roundFinished = "round-finished"
        case candidateChosen = "candidate-chosen"
        case gateJudged = "gate-judged"
        case gateError = "gate-error"
        case decidedPromote = "decided-promote"
        case decidedFineTune = "decided-fine-tune"
        case decidedKeepPrototyping = "decided-keep-prototyping"
        case decidedNeedsData = "decided-needs-data"
        case decidedStop = "decided-stop"
        case trainingFinished = "training-finished"
        case trainingFailed = "training-failed"
        case approvalGiven = "approval-given"
        case approvalRefused = "approval-refused"
        case releaseMade = "release-made"
        case workFailed = "work-failed"
        case cancelled
        case driftSeen = "drift-seen"
        case paused, resumed, retried, retired
        case revisionAdopted = "revision-adopted"
        case championMoved = "champion-moved"
        case superseded

        /// Whether the cycle is over with it.
        package var endsCycle: Bool { self == .retired || self == .superseded }
    }

    package var kind: Kind {
        switch self {
        case .started: .started
        case .roundFinished: .roundFinished
        case .candidateChosen: .candidateChosen
        case .gateJudged(.error, _): .gateError
        case .gateJudged: .gateJudged
        case .decisionMade(.promote), .earlierPromoted: .decidedPromote
        case .decisionMade(.fineTune): .decidedFineTune
        case .decisionMade(.keepPrototyping): .decidedKeepPrototyping
        case .decisionMade(.needsData): .decidedNeedsData
        case .decisionMade(.stop): .decidedStop
        case .trainingFinished: .trainingFinished
        case .trainingFailed: .trainingFailed
        case .approvalGiven: .approvalGiven
        case .approvalRefused: .approvalRefused
        case .releaseMade: .releaseMade
        case .workFailed: .workFailed
        case .cancelled: .cancelled
        case .driftSeen: .driftSeen
        case .paused: .paused
        case .resumed: .resumed
        case .retried: .retried
        case .retired: .retired
        case .revisionAdopted: .revisionAdopted
        case .championMoved: .championMoved
        case .superseded: .superseded
        }
    }

    /// Why the work whose outcome it is has died; nil where that work is done.
    package var failureOfWork: (code: String, message: String)? {
        if case .workFailed(let code, let message) = self { (code, message) } else { nil }
    }
}

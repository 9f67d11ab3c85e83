extension CycleState {
    /// The number of the rules below: it goes up whenever an event comes to count otherwise. Each transition says by which it was
    /// counted, and what was counted by others is not held to these.
    package static let rules = 1

    /// What a cycle keeps of an event besides the place that it leads to. The history is counted by it as well.
    package mutating func remember(_ event: CycleEvent) {
        switch event {
        case .started, .roundFinished, .decisionMade(.keepPrototyping): round += 1
        case .driftSeen: self = CycleState(stage: stage, activity: activity, round: 1)
        case .candidateChosen(let candidate):
            self.candidate = candidate
            looks += 1
        case .trainingFinished(let candidate), .earlierPromoted(let candidate): self.candidate = candidate
        case .decisionMade(.fineTune): trainings += 1
        case .decisionMade(.needsData):
            block = .init(code: "needs-data", message: "the decision asks for more data: see fledge explain")
        case .decisionMade(.stop):
            block = .init(code: "stopped", message: "the decision was to stop: see fledge explain")
        case .trainingFailed(let code, let message), .workFailed(let code, let message):
            block = .init(code: code, message: message)
        case .approvalRefused(let reason): block = .init(code: "approval-refused", message: reason)
        case .gateJudged(.error, _):
            block = .init(code: "gate.error", message: "the gate could not be judged: see fledge explain")
        case .cancelled: block = .init(code: Block.cancelled, message: "a person cancelled the work of this stage")
        case .paused: isPaused = true
        case .resumed: isPaused = false
        case .retried:
            // An unknown job is not given up: the same attempt goes on once a person has said what became of it. An adapter
            // that failed its golden check is there: it is compared again, and nothing is trained.
            if activity == .training, block?.keepsTraining != true { trainings += 1 }
            block = nil
        case .retired: block = nil
        case .gateJudged, .decisionMade(.promote), .approvalGiven, .releaseMade, .revisionAdopted, .championMoved,
            .superseded:
            break
        }
    }
}

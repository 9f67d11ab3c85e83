/// The keys under which events stand in `transition.evidence`: the event's name, and in its object what belongs to it, `_0` and
/// `_1` for what has no name of its own. The history's hashes are made of these texts, so a key never changes.
extension CycleEvent {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case started = "started"
        case roundFinished = "roundFinished"
        case candidateChosen = "candidateChosen"
        case gateJudged = "gateJudged"
        case decisionMade = "decisionMade"
        case earlierPromoted = "earlierPromoted"
        case trainingFinished = "trainingFinished"
        case trainingFailed = "trainingFailed"
        case approvalGiven = "approvalGiven"
        case approvalRefused = "approvalRefused"
        case releaseMade = "releaseMade"
        case workFailed = "workFailed"
        case cancelled = "cancelled"
        case driftSeen = "driftSeen"
        case paused = "paused"
        case resumed = "resumed"
        case retried = "retried"
        case retired = "retired"
        case revisionAdopted = "revisionAdopted"
        case championMoved = "championMoved"
        case superseded = "superseded"
    }

    /// An event without a key could not be written: the compiler asks for that of a new one here.
    var key: CodingKeys {
        switch self {
        case .started: .started
        case .roundFinished: .roundFinished
        case .candidateChosen: .candidateChosen
        case .gateJudged: .gateJudged
        case .decisionMade: .decisionMade
        case .earlierPromoted: .earlierPromoted
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

    enum CandidateChosenCodingKeys: String, CodingKey {
        case _0 = "_0"
    }

    enum GateJudgedCodingKeys: String, CodingKey {
        case _0 = "_0"
        case _1 = "_1"
    }

    enum DecisionMadeCodingKeys: String, CodingKey {
        case _0 = "_0"
    }

    enum EarlierPromotedCodingKeys: String, CodingKey {
        case _0 = "_0"
    }

    enum TrainingFinishedCodingKeys: String, CodingKey {
        case _0 = "_0"
    }

    enum TrainingFailedCodingKeys: String, CodingKey {
        case code = "code"
        case message = "message"
    }

    enum ApprovalRefusedCodingKeys: String, CodingKey {
        case reason = "reason"
    }

    enum ReleaseMadeCodingKeys: String, CodingKey {
        case number = "number"
    }

    enum WorkFailedCodingKeys: String, CodingKey {
        case code = "code"
        case message = "message"
    }

    enum DriftSeenCodingKeys: String, CodingKey {
        case _0 = "_0"
    }

    enum RevisionAdoptedCodingKeys: String, CodingKey {
        case from = "from"
        case to = "to"
        case needsApproval = "needsApproval"
    }

    enum ChampionMovedCodingKeys: String, CodingKey {
        case from = "from"
        case to = "to"
        case reason = "reason"
    }

    enum SupersededCodingKeys: String, CodingKey {
        case by = "by"
    }
}

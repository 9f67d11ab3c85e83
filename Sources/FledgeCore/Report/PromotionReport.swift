import Foundation

/// A dated account of stages, promotions, near misses, blocks, spend and what comes next: one value for every format.
package struct PromotionReport: Codable, Hashable, Sendable {
    package var from: Date?
    package var to: Date
    package var fledgeVersion: String
    package var useCases: [UseCaseReport]

    package init(from: Date?, to: Date, fledgeVersion: String, useCases: [UseCaseReport]) {
        self.from = from
        self.to = to
        self.fledgeVersion = fledgeVersion
        self.useCases = useCases
    }
}

/// One use case's part of a report.
package struct UseCaseReport: Codable, Hashable, Sendable {
    package struct TrainingSummary: Codable, Hashable, Sendable {
        package var job: TrainingJobView
        package var points: [TrainingPoint]

        package init(job: TrainingJobView, points: [TrainingPoint]) {
            self.job = job
            self.points = points
        }
    }

    package var status: UseCaseStatus
    package var purpose: String?
    /// Transitions within the report's period.
    package var history: [HistoryEntry]
    /// The current cycle's gates and decisions, oldest first.
    package var gates: [GateResult]
    package var decisions: [Decision]
    /// Every candidate that was scored in the current cycle.
    package var candidates: [CandidateScore]
    package var trainings: [TrainingSummary]
    package var releases: [Release]
    /// What comes next, in sentences.
    package var nextSteps: [String]
    /// What the current cycle's sweeps found; nil where it had none.
    package var sweeps: [SweepRecord]?
    /// The gates of the cycle that the champion came from, where that is not the current one.
    package var championGates: [GateResult]?
    /// Whether the revision's source text was compiled by whoever stored it; nil where nobody says so.
    package var isSourceVerified: Bool?
    /// How long the chain of evidence and the history were, and what they ended with; nil in a report of an earlier version.
    package var audit: AuditHead?

    package init(
        status: UseCaseStatus, purpose: String?, history: [HistoryEntry], gates: [GateResult], decisions: [Decision],
        candidates: [CandidateScore], trainings: [TrainingSummary], releases: [Release], nextSteps: [String],
        sweeps: [SweepRecord]? = nil, championGates: [GateResult]? = nil, isSourceVerified: Bool? = nil,
        audit: AuditHead? = nil
    ) {
        self.isSourceVerified = isSourceVerified
        self.audit = audit
        self.championGates = championGates
        self.status = status
        self.purpose = purpose
        self.history = history
        self.gates = gates
        self.decisions = decisions
        self.candidates = candidates
        self.trainings = trainings
        self.releases = releases
        self.nextSteps = nextSteps
        self.sweeps = sweeps
    }
}

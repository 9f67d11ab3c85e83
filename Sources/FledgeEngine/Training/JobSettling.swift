import FledgeCore

/// What a person says of a training job that nobody can look up.
package enum JobSettlement: Codable, Hashable, Sendable {
    /// It never reached the executor: it may be submitted.
    case notSubmitted
    /// The executor has it under this id: it is followed.
    case running(externalID: String)
    /// Whatever became of it, nothing of it will be used.
    case failed

    package var name: String {
        switch self {
        case .notSubmitted: "not-submitted"
        case .running: "running"
        case .failed: "failed"
        }
    }
}

/// The intents behind training jobs.
package protocol JobSettling: Store {
    /// Says, before a job is submitted, that it may be at its executor from now on.
    func markSent(_ job: TrainingJobID) async throws
    /// Says that nobody can tell whether the executor has the job.
    func markUnknown(_ job: TrainingJobID) async throws
    /// Takes a person's word for an unknown job, and keeps who gave it.
    ///
    /// - Returns: the job's cycle.
    /// - Throws: `job.unknown` where there is no such job, `job.not_unknown` where nothing is to be settled: so also the
    ///   second time.
    func settle(_ job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws -> CycleID
}

import FledgeCore

/// What the daemon is asked about limits; see ``ControlAPI`` for what holds for all that is asked.
package protocol LimitsAPI: Sendable {
    /// What all use cases, or the one named, have spent, and what is left under their caps. - Throws: `use_case.unknown`.
    func spends(name: String?) async throws -> [UseCaseSpend]
    /// Takes a person's word for a training job whose submission nobody can look up, and sets its cycle going again.
    ///
    /// - Throws: `job.unknown`; `job.not_unknown`, also the second time.
    func settle(job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws -> TrainingJobView
}

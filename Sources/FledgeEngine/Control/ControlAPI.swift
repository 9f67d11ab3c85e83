import FledgeCore
import FledgeDocument

/// What a person, or a program, can ask the daemon: the service in the daemon and the client over its socket are both one.
package protocol ControlAPI: SubmissionAPI, LabelAPI, WorkAPI, LimitsAPI, AccessAPI, AuditAPI {
    func send(_ command: CycleCommand, to name: String, actor: String) async throws -> UseCaseStatus
    /// All use cases, or the one named. - Throws: `use_case.unknown`.
    func statuses(name: String?) async throws -> [UseCaseStatus]
    /// A page of use cases in the order of their names: at most `limit` of those behind `name`, or from the first.
    func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus]
    func history(name: String) async throws -> [HistoryEntry]
    func explain(name: String) async throws -> Explanation
    /// - Throws: `decision.unknown`.
    func decision(name: String, number: Int) async throws -> Decision
    /// Every gate and decision, computed again from the samples.
    func replay(name: String) async throws -> Replay
    /// What the data of the use case's latest cycle looks like.
    func dataReport(name: String) async throws -> DataReport
    /// Every look at the use case's holdout, and what is left of its error budget.
    func holdout(name: String) async throws -> HoldoutLedger
    func experiments(name: String) async throws -> [CandidateScore]
    func jobs(name: String?) async throws -> [TrainingJobView]
    func log(job: TrainingJobID) async throws -> [String]
    /// How the answers of the job's adapter compare with the trainer's. - Throws: `job.no_golden_check`.
    func golden(job: TrainingJobID) async throws -> GoldenCheck
    /// The models of all applied definitions.
    func models() async throws -> [ModelStatus]
    func releases(name: String) async throws -> [Release]
    func rollback(name: String, to number: Int, actor: String, reason: String) async throws -> Release
    /// A release's files, to be written by who asks for them. - Parameter number: nil for the champion.
    func export(name: String, number: Int?) async throws -> ReleaseArchive
    func reports(name: String?) async throws -> [ReportView]
    func reportNow(name: String?, formats: [ReportFormat]) async throws -> ReportView
    func daemonStatus() async throws -> DaemonStatus
}

import FledgeCore
import FledgeDocument

/// What a person, or a program, can ask the daemon: the service in the daemon and the client over its socket are both one.
///
/// This holds for what it is made of too; a requirement says where it differs.
///
/// - **Errors.** A requirement throws `FledgeError`, and `CancellationError` where its task was cancelled. Everything
///   that is asked of a use case by its name may throw `use_case.unknown`, and `use_case.no_cycle` where it needs a
///   cycle; everything may throw what the stores and, of a client, the way to the daemon throw: `database.…`,
///   `daemon.…`.
/// - **Repeating.** What only looks may be repeated. What changes something was done, or not, where the answer was lost
///   (`daemon.connection_lost`, `daemon.timeout`, `database.commit_unknown`): look first. After any other error it was
///   not.
/// - **Ownership.** What is returned is a value of the caller's, as things stood at that moment. What a caller names
///   stays its own, and is only read.
package protocol ControlAPI: SubmissionAPI, LabelAPI, WorkAPI, LimitsAPI, AccessAPI, AuditAPI {
    /// A second time it is another command: one that is of no use by then is refused.
    ///
    /// - Throws: `cycle.rejected_event` where the cycle is elsewhere; `access.own_revision`.
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
    /// Moves `champion`; the same again changes nothing.
    ///
    /// - Throws: `release.unknown`, `audit.…`, `adapter.…`, and what is wrong with the reason.
    func rollback(name: String, to number: Int, actor: String, reason: String) async throws -> Release
    /// A release's files, to be written by who asks for them.
    ///
    /// - Parameter number: nil for the champion.
    /// - Throws: `release.unknown`, `audit.…`, `adapter.…`.
    func export(name: String, number: Int?) async throws -> ReleaseArchive
    func reports(name: String?) async throws -> [ReportView]
    /// Each call writes another report.
    ///
    /// - Throws: `report.cannot_write`.
    func reportNow(name: String?, formats: [ReportFormat]) async throws -> ReportView
    func daemonStatus() async throws -> DaemonStatus
}

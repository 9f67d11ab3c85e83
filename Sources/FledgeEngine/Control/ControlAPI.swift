import FledgeCore
import FledgeDocument
import Foundation

/// A compiled definition that somebody wants to plan or to apply.
package struct ApplyRequest: Codable, Hashable, Sendable {
    package var document: DefinitionDocument
    package var sourceText: String
    /// The absolute folder that data paths are relative to: the definition's own.
    package var directory: String
    package var actor: String
    /// The absolute path of the data file on the machine that the definition comes from, which messages say; nil where
    /// `directory` tells, and for a definition without data.
    package var dataPath: String?

    package init(
        document: DefinitionDocument, sourceText: String, directory: String, actor: String, dataPath: String? = nil
    ) {
        self.dataPath = dataPath
        self.document = document
        self.sourceText = sourceText
        self.directory = directory
        self.actor = actor
    }
}

package struct ApplyResult: Codable, Hashable, Sendable {
    /// Nil when the diagnostics hold an error: nothing was stored.
    package var applied: AppliedDefinition?
    package var diagnostics: [Diagnostic]
    /// What a look at the holdout could use before this was applied; nil from a daemon that does not say.
    package var holdout: HoldoutForecast?

    package init(applied: AppliedDefinition?, diagnostics: [Diagnostic], holdout: HoldoutForecast? = nil) {
        self.applied = applied
        self.diagnostics = diagnostics
        self.holdout = holdout
    }
}

package struct PlanResult: Codable, Hashable, Sendable {
    package var name: String
    package var currentRevision: Int?
    /// Whether applying would store a revision.
    package var isNew: Bool
    package var changes: [String]
    package var diagnostics: [Diagnostic]
    /// What applying would do; nil where it can't be applied, and from a daemon that does not say.
    package var effect: EditEffect?

    package init(
        name: String, currentRevision: Int?, isNew: Bool, changes: [String], diagnostics: [Diagnostic],
        effect: EditEffect? = nil
    ) {
        self.effect = effect
        self.name = name
        self.currentRevision = currentRevision
        self.isNew = isNew
        self.changes = changes
        self.diagnostics = diagnostics
    }
}

/// Why a use case stands where it stands.
package struct Explanation: Codable, Hashable, Sendable {
    package var status: UseCaseStatus
    package var gates: [GateResult]
    package var decisions: [Decision]
    package var releases: [Release]
    /// Whether the history's hash chain holds.
    package var isHistoryIntact: Bool
    /// Rows of the cycle's data that were moved or left out because of leaks.
    package var settledLeaks: [ResolvedLeak]?
    /// What the cycle's sweeps found; nil where it had none.
    package var sweeps: [SweepRecord]?
    /// Whose answers are missing in the cycle, and why; nil where none are.
    package var missing: [MissingFinding]?
    /// How many of its judges' replies could be read; nil where it has none.
    package var judges: [JudgeReadings]?
    /// Whether the revision's source text was compiled by whoever stored it; nil where nobody says so.
    package var isSourceVerified: Bool?
    /// Whether the evidence is what was recorded; nil from a daemon that does not say.
    package var evidence: AuditReport?

    package init(
        status: UseCaseStatus, gates: [GateResult], decisions: [Decision], releases: [Release], isHistoryIntact: Bool,
        settledLeaks: [ResolvedLeak]? = nil, sweeps: [SweepRecord]? = nil, missing: [MissingFinding]? = nil,
        judges: [JudgeReadings]? = nil, isSourceVerified: Bool? = nil, evidence: AuditReport? = nil
    ) {
        self.isSourceVerified = isSourceVerified
        self.evidence = evidence
        self.missing = missing
        self.status = status
        self.gates = gates
        self.decisions = decisions
        self.releases = releases
        self.isHistoryIntact = isHistoryIntact
        self.settledLeaks = settledLeaks
        self.sweeps = sweeps
        self.judges = judges
    }
}

package struct DaemonStatus: Codable, Hashable, Sendable {
    package var version: String
    package var processID: Int32
    package var startedAt: Date
    package var stateDirectory: String
    /// Where the database is, without user, password or query.
    package var database: String
    package var dueWork: Int
    package var leasedWork: Int
    /// Work that waits for a person, counted up to a thousand; nil from a daemon of an earlier version.
    package var deadWork: Int?
    /// What the evidence's webhook was not told yet; nil where it knows all, or there is none.
    package var auditDelay: AuditDelay?

    package init(
        version: String, processID: Int32, startedAt: Date, stateDirectory: String, database: String, dueWork: Int,
        leasedWork: Int, deadWork: Int? = nil, auditDelay: AuditDelay? = nil
    ) {
        self.version = version
        self.processID = processID
        self.startedAt = startedAt
        self.stateDirectory = stateDirectory
        self.database = database
        self.dueWork = dueWork
        self.leasedWork = leasedWork
        self.deadWork = deadWork
        self.auditDelay = auditDelay
    }
}

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

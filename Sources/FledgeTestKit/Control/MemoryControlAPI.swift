import FledgeCore
import FledgeDocument
import FledgeEngine
import Synchronization

/// A daemon's answers without a daemon.
package final class MemoryControlAPI: ControlAPI {
    /// What was asked of it.
    package let commands = Mutex<[String]>([])
    /// What job 42 is found at, look by look.
    package let jobSteps = Mutex<[JobStep]>([])

    package enum JobStep: Sendable {
        case lines([String])
        case ended([String])
        /// No daemon answers.
        case absent

        package var lines: [String] {
            switch self {
            case .lines(let lines), .ended(let lines): lines
            case .absent: []
            }
        }
        package var hasEnded: Bool { if case .ended = self { true } else { false } }
    }

    /// Is given what is to be planned or applied, while its data is there.
    private let onSubmission: @Sendable (Submission) async throws -> Void
    /// Is called while a replay is computed.
    private let onReplay: @Sendable () async throws -> Void

    package init(
        onSubmission: @escaping @Sendable (Submission) async throws -> Void = { _ in },
        onReplay: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.onSubmission = onSubmission
        self.onReplay = onReplay
    }

    package func plan(_ submission: Submission) async throws -> [PlanResult] {
        try await onSubmission(submission)
        return submission.definitions.map {
            PlanResult(
                name: $0.document.useCase.name, currentRevision: nil, isNew: true, changes: ["new"], diagnostics: [])
        }
    }

    package func apply(_ submission: Submission) async throws -> [ApplyResult] {
        try await onSubmission(submission)
        return submission.definitions.map { _ in ApplyResult(applied: nil, diagnostics: []) }
    }

    package func send(_ command: CycleCommand, to name: String, actor: String) async throws -> UseCaseStatus {
        commands.withLock { $0.append("\(command) \(name) \(actor)") }
        return try await statuses(name: name)[0]
    }

    package func statuses(name: String?) async throws -> [UseCaseStatus] {
        guard name == nil || name == "lexical-category" else {
            throw FledgeError(
                "use_case.unknown", "there is no use case \(name ?? "")", hint: "fledge status lists them",
                exitCode: .usage)
        }
        return [Fixtures.status(gate: Fixtures.gate(.failed), progress: Fixtures.progress)]
    }

    package func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus] {
        try await statuses(name: nil).filter { $0.name > name ?? "" }.prefix(limit).map(\.self)
    }

    package func history(name: String) async throws -> [HistoryEntry] { [Fixtures.entry(1), Fixtures.entry(2)] }
    package func explain(name: String) async throws -> Explanation { Fixtures.explanation }
    package func decision(name: String, number: Int) async throws -> Decision { Fixtures.explanation.decisions[0] }
    package func replay(name: String) async throws -> Replay {
        try await onReplay()
        return Replay(useCase: name, records: [])
    }
    package func dataReport(name: String) async throws -> DataReport { try Fixtures.dataReport }
    package func settle(job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws -> TrainingJobView
    {
        throw FledgeError("job.not_unknown", "nothing is to be settled", exitCode: .usage)
    }
    package func spends(name: String?) async throws -> [UseCaseSpend] { [] }
    package func holdout(name: String) async throws -> HoldoutLedger { Fixtures.ledger }
    package func experiments(name: String) async throws -> [CandidateScore] { Fixtures.scores }
    package func jobs(name: String?) async throws -> [TrainingJobView] {
        guard let step = jobSteps.withLock(\.first) else { return [] }
        if case .absent = step {
            jobSteps.withLock { _ = $0.removeFirst() }
            throw FledgeError("daemon.not_running", "the daemon is not running", exitCode: .unavailable)
        }
        return [Fixtures.job(hasEnded: step.hasEnded)]
    }
    package func log(job: TrainingJobID) async throws -> [String] {
        jobSteps.withLock { $0.isEmpty ? ["job \(job)"] : $0.removeFirst().lines }
    }
    package func golden(job: TrainingJobID) async throws -> GoldenCheck { Fixtures.golden }
    package func models() async throws -> [ModelStatus] { [] }
    package func releases(name: String) async throws -> [Release] { [] }

    package func rollback(name: String, to number: Int, actor: String, reason: String) async throws -> Release {
        throw FledgeError("cycle.conflict", "somebody was faster", exitCode: .tryAgain)
    }

    package func export(name: String, number: Int?) async throws -> ReleaseArchive {
        guard name == "lexical-category" else {
            throw FledgeError("release.unknown", "\(name) has no release yet", exitCode: .usage)
        }
        return ReleaseArchive([
            .init("candidate.json", .bytes(Array("release \(number.map(String.init) ?? "champion")".utf8))),
            .init("adapter/adapter.gguf", .bytes([UInt8](repeating: 7, count: 3 << 20))),
        ])
    }
    package func reports(name: String?) async throws -> [ReportView] { [] }

    package func reportNow(name: String?, formats: [ReportFormat]) async throws -> ReportView {
        ReportView(
            id: ReportID(1), useCase: name, slot: nil, createdAt: Fixtures.date,
            files: Dictionary(uniqueKeysWithValues: formats.map { ($0.rawValue, "/r.\($0.rawValue)") }))
    }

    package func labelSheet(name: String, metric: String?, count: Int, actor: String) async throws -> LabelSheet {
        var sheet = Fixtures.labelSheet
        sheet.entries = Array(sheet.entries.prefix(count))
        commands.withLock { $0.append("sheet \(name) \(metric ?? "–") \(count) \(actor)") }
        return sheet
    }

    package func label(name: String, _ request: LabelRequest) async throws -> JudgeStatus {
        commands.withLock {
            $0.append(
                "label \(name) \(request.entries.map(\.verdict.rawValue).joined(separator: " ")) \(request.actor)")
        }
        return Fixtures.judgeStatus
    }

    package func judges(name: String) async throws -> [JudgeStatus] { [Fixtures.judgeStatus] }

    package func auditedNames() async throws -> [String] { ["lexical-category"] }
    package func audit(name: String) async throws -> AuditReport { Fixtures.auditReport }
    package func auditHashes(name: String) async throws -> AuditHashes { Fixtures.auditHashes }
    package func championAdapters() async throws -> [AdapterCheckResult] { [Fixtures.brokenAdapter] }

    package func daemonStatus() async throws -> DaemonStatus {
        struct Unexpected: Error {}
        throw Unexpected()
    }
}

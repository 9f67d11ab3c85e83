import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Synchronization

/// Two use cases, of which nothing is known but their owners; it notes what is asked, and by whom.
final class RecordingAPI: ControlAPI, AccessStore {
    struct Call: Sendable {
        var what: String
        /// What it takes.
        var scope: AccessScope
        /// Nil for what concerns all.
        var useCase: String?
        var actor: String?
        var isLabelling = false
        /// A use case that is to be made.
        var isNew = false
    }

    static let owners = ["triage": "ada", "route": "bob"]
    static let settingsToken = "settings-0123456789abcdef0123456789abcdef"

    private static let date = Date(timeIntervalSince1970: 1_800_000_000)
    /// By what they are.
    private static let kept: [String: AccessToken] = [
        "fledge_reader": token("reader", AccessGrant(scopes: [.read])),
        "fledge_ada": token("ada", AccessGrant(scopes: AccessScope.allCases, owners: ["ada"])),
        "fledge_route": token("nightly", AccessGrant(scopes: [.operate, .serve], useCases: ["route"])),
        "fledge_gone": token("gone", .everything, revokedAt: date),
        "fledge_past": token("past", .everything, expiresAt: Date(timeIntervalSince1970: 1)),
    ]
    /// Those whose tokens are in use.
    static let callers: [(secret: String, caller: Caller)] =
        [(settingsToken, Caller(name: "token:settings", grant: .everything))]
        + kept.filter { $0.value.isUsable(at: Date()) }.map { (secret: $0.key, caller: $0.value.caller) }

    private static func token(
        _ name: String, _ grant: AccessGrant, expiresAt: Date? = nil, revokedAt: Date? = nil
    ) -> AccessToken {
        AccessToken(
            name: name, grant: grant, createdBy: "user:ada", createdAt: date, expiresAt: expiresAt, revokedAt: revokedAt
        )
    }

    private let calls = Mutex<[Call]>([])

    func takeCalls() -> [Call] {
        calls.withLock { calls in
            defer { calls = [] }
            return calls
        }
    }

    private func note(
        _ scope: AccessScope, _ name: String? = nil, by actor: String? = nil, isLabelling: Bool = false,
        isNew: Bool = false, what: String = #function
    ) {
        calls.withLock {
            $0.append(
                Call(what: what, scope: scope, useCase: name, actor: actor, isLabelling: isLabelling, isNew: isNew))
        }
    }

    private func nothing<Value>(_ what: String = #function) throws -> Value {
        throw FledgeError("fuzz.unknown", "nothing is known of \(what)", exitCode: .usage)
    }

    private func status(_ name: String) -> UseCaseStatus {
        UseCaseStatus(
            name: name, owner: Self.owners[name], revision: 1, cycle: 1,
            state: CycleState(stage: .validation, activity: .judging), since: Self.date, release: nil,
            bestPrototypeScore: 0.5, bestCandidate: "first", lastGate: nil, progress: nil, callsMade: 1,
            costMicroDollars: 0)
    }

    // MARK: Use cases

    func plan(_ submission: Submission) async throws -> [PlanResult] {
        expectSent(submission)
        return submission.definitions.map { request in
            let definition = request.document.useCase
            note(.operate, definition.name, by: request.actor, isNew: Self.owners[definition.name] == nil)
            return PlanResult(
                name: definition.name, currentRevision: nil, isNew: true,
                changes: DefinitionDiff.changes(from: nil, to: definition), diagnostics: [])
        }
    }

    func apply(_ submission: Submission) async throws -> [ApplyResult] {
        expectSent(submission)
        return submission.definitions.map { request in
            let name = request.document.useCase.name
            note(.operate, name, by: request.actor, isNew: Self.owners[name] == nil)
            return ApplyResult(applied: nil, diagnostics: [])
        }
    }

    /// Nothing is read but what came, and that lies in the spool's own folder.
    private func expectSent(_ submission: Submission) {
        for case .spooled(let place) in (submission.sent ?? [:]).values {
            expect(place.hasPrefix(ControlTarget.spoolFolder + "/"), "a data file at \(place)")
            expect(!place.contains("/../"), "a data file at \(place)")
        }
    }

    func send(_ command: CycleCommand, to name: String, actor: String) async throws -> UseCaseStatus {
        let isDecision = if case .approve = command { true } else if case .reject = command { true } else { false }
        note(isDecision ? .approve : .operate, name, by: actor)
        return try await statuses(name: name)[0]
    }

    /// What a token reaches is found out here, before it is known that it does.
    func statuses(name: String?) async throws -> [UseCaseStatus] {
        guard let name else { return Self.owners.keys.sorted().map(status) }
        guard Self.owners[name] != nil else {
            throw FledgeError("use_case.unknown", "there is no use case of this name", exitCode: .usage)
        }
        return [status(name)]
    }

    func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus] {
        expect(limit > 0, "a page of \(limit) use cases")
        return Self.owners.keys.sorted().filter { $0 > name ?? "" }.prefix(limit).map(status)
    }

    func history(name: String) async throws -> [HistoryEntry] {
        note(.read, name)
        return []
    }

    func explain(name: String) async throws -> Explanation {
        note(.read, name)
        return Explanation(
            status: status(name), gates: [], decisions: [], releases: [], isHistoryIntact: true)
    }

    func decision(name: String, number: Int) async throws -> Decision {
        note(.read, name)
        return try nothing()
    }

    func replay(name: String) async throws -> Replay {
        note(.read, name)
        return Replay(useCase: name, records: [])
    }

    func dataReport(name: String) async throws -> DataReport {
        note(.read, name)
        return try nothing()
    }

    func holdout(name: String) async throws -> HoldoutLedger {
        note(.read, name)
        return try nothing()
    }

    func experiments(name: String) async throws -> [CandidateScore] {
        note(.read, name)
        return []
    }

    // MARK: Releases and reports

    func releases(name: String) async throws -> [Release] {
        // Whoever may read may see them too.
        return []
    }

    func rollback(name: String, to number: Int, actor: String, reason: String) async throws -> Release {
        note(.operate, name, by: actor)
        return try nothing()
    }

    func export(name: String, number: Int?) async throws -> ReleaseArchive {
        ReleaseArchive([.init("candidate.json", .bytes(Array("{}".utf8)))])
    }

    func reports(name: String?) async throws -> [ReportView] { [] }

    func reportNow(name: String?, formats: [ReportFormat]) async throws -> ReportView {
        note(.operate, name)
        return ReportView(id: ReportID(1), useCase: name, slot: nil, createdAt: Self.date, files: [:])
    }

    // MARK: Jobs, work and models

    func jobs(name: String?) async throws -> [TrainingJobView] { [] }

    func log(job: TrainingJobID) async throws -> [String] {
        note(.read)
        return ["a line"]
    }

    func golden(job: TrainingJobID) async throws -> GoldenCheck {
        note(.read)
        return try nothing()
    }

    func settle(job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws -> TrainingJobView {
        note(.operate, by: actor)
        return try nothing()
    }

    func work(in states: [WorkState], name: String?, limit: Int) async throws -> [WorkView] { [] }

    func retryWork(_ id: WorkItemID, actor: String) async throws -> WorkView {
        note(.operate, by: actor)
        return try nothing()
    }

    func models() async throws -> [ModelStatus] { [] }
    func spends(name: String?) async throws -> [UseCaseSpend] { [] }
    func daemonStatus() async throws -> DaemonStatus { try nothing() }

    // MARK: Labels and evidence

    func labelSheet(name: String, metric: String?, count: Int, actor: String) async throws -> LabelSheet {
        note(.operate, name, by: actor, isLabelling: true)
        return try nothing()
    }

    func label(name: String, _ request: LabelRequest) async throws -> JudgeStatus {
        note(.operate, name, by: request.actor, isLabelling: true)
        return try nothing()
    }

    func judges(name: String) async throws -> [JudgeStatus] {
        note(.read, name)
        return []
    }

    func auditedNames() async throws -> [String] { Self.owners.keys.sorted() }

    func audit(name: String) async throws -> AuditReport {
        note(.read, name)
        return try nothing()
    }

    func auditHashes(name: String) async throws -> AuditHashes {
        note(.read, name)
        return try nothing()
    }

    func championAdapters() async throws -> [AdapterCheckResult] { [] }

    // MARK: Tokens

    func tokens() async throws -> [AccessToken] {
        Self.kept.values.sorted { $0.name < $1.name }
    }

    func createToken(_ request: TokenRequest, actor: String) async throws -> MadeToken {
        note(.operate, by: actor)
        let token = AccessToken(name: request.name, grant: request.grant, createdBy: actor, createdAt: Self.date)
        return MadeToken(token: token, secret: "fledge_new")
    }

    func revokeToken(_ name: String, actor: String) async throws -> AccessToken {
        note(.operate, by: actor)
        return try nothing()
    }

    func storedTokens() async throws -> [(token: AccessToken, sha256: Digest)] {
        Self.kept.map { (token: $0.value, sha256: Digest(of: $0.key)) }
    }

    func store(_ token: AccessToken, sha256: Digest) async throws -> AccessToken? { nil }
    func revoke(_ name: String, by actor: String, at date: Date) async throws -> AccessToken? { nil }
}

import FledgeCore
import FledgeDocument
import Foundation

/// What people and programs ask of the daemon, answered from the stores.
package struct ControlService: ControlAPI {
    /// Whatever can be asked, somebody asks it here.
    package typealias Ports = CycleStore & WorkQueue & ExperimentStore & SearchStore & DecisionStore & HoldoutStore
        & JudgeStore & TrainingStore & TuningStore & JobSettling & ReleaseStore & ReportStore & StatusStore & SpendStore
        & AccessStore

    let stores: any Ports
    let cycles: CycleService
    let catalog: any ModelCatalog
    let artifacts: any ArtifactStore
    private let reportHandler: ReportHandler
    private let facts: DaemonFacts
    let keys: KeyRules
    /// The names that local models may have; nil where only their catalogue knows.
    let localModels: [String]?
    /// Where no data is read from.
    let places: DataPlaces
    let audit: EvidenceAudit
    let now: @Sendable () -> Date

    /// What the daemon knows of itself.
    package struct DaemonFacts: Sendable {
        package var version: String
        package var processID: Int32
        package var startedAt: Date
        package var stateDirectory: String
        package var database: String

        package init(version: String, processID: Int32, startedAt: Date, stateDirectory: String, database: String) {
            self.version = version
            self.processID = processID
            self.startedAt = startedAt
            self.stateDirectory = stateDirectory
            self.database = database
        }
    }

    package init(
        stores: any Ports, cycles: CycleService, catalog: any ModelCatalog, artifacts: any ArtifactStore,
        reportHandler: ReportHandler, facts: DaemonFacts, keys: KeyRules = .none, localModels: [String]? = nil,
        places: DataPlaces = .system,
        audit: EvidenceAudit, now: @escaping @Sendable () -> Date
    ) {
        self.keys = keys
        self.localModels = localModels
        self.places = places
        self.audit = audit
        self.stores = stores
        self.cycles = cycles
        self.catalog = catalog
        self.artifacts = artifacts
        self.reportHandler = reportHandler
        self.facts = facts
        self.now = now
    }

    // MARK: Commands

    package func send(_ command: CycleCommand, to name: String, actor: String) async throws -> UseCaseStatus {
        let useCase = try await known(name)
        guard let cycle = try await stores.currentCycle(of: useCase) else {
            throw FledgeError(
                "use_case.no_cycle", "\(name) has no cycle yet", hint: "fledge apply starts one")
        }
        if command == .approve { try await checkApproval(by: actor, of: cycle) }
        try await cycles.apply(try command.event(), to: cycle.id, actor: actor)
        return try await status(of: name)
    }

    package func rollback(name: String, to number: Int, actor: String, reason: String) async throws -> Release {
        try await LongComputation.among {
            let reason = try StatedReason.checked(reason)
            let useCase = try await known(name)
            try await audit.require(useCase, name: name, cycle: nil)
            let target = try await stores.releases(of: useCase).first { $0.number == number }
            try await audit.require(adapter: target?.bundle.candidate.adapter)
            let release = try await stores.moveChampion(of: useCase, to: number, actor: actor, reason: reason)
            await audit.note(useCase, name: name)
            return release
        }
    }

    // MARK: Looking

    package func statuses(name: String?) async throws -> [UseCaseStatus] {
        if let name { return [try await status(of: name)] }
        return try await stores.statuses(useCase: nil)
    }

    package func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus] {
        try await stores.statuses(after: name, limit: limit)
    }

    package func history(name: String) async throws -> [HistoryEntry] {
        try await stores.history(of: try await known(name))
    }

    package func explain(name: String) async throws -> Explanation {
        try await LongComputation.among {
            let useCase = try await known(name)
            let cycle = try await stores.currentCycle(of: useCase)
            let sweeps = try await cycle.asyncMap { try await stores.sweeps(of: $0.id) } ?? []
            return Explanation(
                status: try await status(of: name),
                gates: try await cycle.asyncMap { try await stores.gates(of: $0.id) } ?? [],
                decisions: try await cycle.asyncMap { try await stores.decisions(of: $0.id) } ?? [],
                releases: try await stores.releases(of: useCase),
                isHistoryIntact: TransitionHash.firstBroken(in: try await stores.history(of: useCase)) == nil,
                settledLeaks: try await cycle.asyncMap { try await stores.settledLeaks(of: $0.snapshot) },
                sweeps: sweeps.isEmpty ? nil : sweeps,
                missing: try await cycle.asyncMap { try await stores.missingAnswers(of: $0.id) },
                judges: try await cycle.asyncMap { try await stores.readings(of: $0.id) }
                    .flatMap { $0.isEmpty ? nil : $0 },
                isSourceVerified: cycle?.revision.isSourceVerified,
                evidence: try await audit.report(useCase, name: name, cycle: cycle?.id))
        }
    }

    package func dataReport(name: String) async throws -> DataReport {
        guard let cycle = try await stores.currentCycle(of: try await known(name)) else {
            throw FledgeError(
                "use_case.no_cycle", "\(name) has no cycle yet", hint: "fledge apply starts one")
        }
        return try await StoredDataReport(stores: stores, cycle: cycle).report()
    }

    package func decision(name: String, number: Int) async throws -> Decision {
        guard let decision = try await stores.decision(number, of: try await known(name)) else {
            throw FledgeError(
                "decision.unknown", "\(name) has no decision \(number)", hint: "fledge explain \(name)")
        }
        return decision
    }

    package func replay(name: String) async throws -> Replay {
        try await ComputingPlaces.shared.run {
            let useCase = try await known(name)
            let isErased = try await !audit.require(useCase, name: name, cycle: nil).erased.isEmpty
            let models = ServerDirectory(stores: stores, catalog: catalog, artifacts: artifacts)
            let gates = GateHandler(stores: stores, models: models, audit: audit)
            let answers = AnswerReplay(stores: stores, models: models)
            return try await DecisionReplay(stores: stores, gates: gates, answers: answers)
                .replay(useCase, name: name) { cycle in
                    isErased ? try await audit.erased(useCase, name: name, cycle: cycle) : []
                }
        }
    }

    package func holdout(name: String) async throws -> HoldoutLedger {
        let useCase = try await known(name)
        let cycle = try await stores.currentCycle(of: useCase)
        let validation = cycle?.definition.validation ?? ValidationDefinition()
        let spent = try await cycle.asyncMap { try await stores.holdoutSpent(cycle: $0.id, exceptLook: nil) } ?? []
        return HoldoutLedger(
            useCase: name, looks: try await stores.looks(of: useCase), looksAllowed: validation.holdoutLooks,
            budget: HoldoutBudget(spent: spent, validation: validation),
            forecast: try await LongComputation.run { HoldoutForecast(spent: spent, validation: validation) })
    }

    package func experiments(name: String) async throws -> [CandidateScore] {
        try await stores.experiments(useCase: try await known(name))
    }

    package func jobs(name: String?) async throws -> [TrainingJobView] {
        if let name { _ = try await known(name) }
        return try await stores.jobs(useCase: name)
    }

    package func log(job: TrainingJobID) async throws -> [String] { try await stores.log(of: job) }

    package func golden(job: TrainingJobID) async throws -> GoldenCheck {
        guard let check = try await stores.golden(of: job) else {
            throw FledgeError(
                "job.no_golden_check", "no adapter of job \(job) has been compared", hint: "fledge jobs")
        }
        return check
    }

    package func models() async throws -> [ModelStatus] { await catalog.statuses(of: try await stores.models()) }

    package func releases(name: String) async throws -> [Release] {
        try await stores.releases(of: try await known(name))
    }

    package func export(name: String, number: Int?) async throws -> ReleaseArchive {
        try await LongComputation.among {
            let releases = try await releases(name: name)
            guard let release = releases.first(where: { number == nil ? $0.isChampion : $0.number == number }) else {
                throw FledgeError(
                    "release.unknown", number.map { "\(name) has no release \($0)" } ?? "\(name) has no release yet",
                    hint: "fledge release list \(name)")
            }
            let useCase = try await known(name)
            try await audit.require(useCase, name: name, cycle: nil)
            var adapterDirectory: String?
            if let adapter = release.bundle.candidate.adapter {
                adapterDirectory = try await artifacts.directory(of: adapter)
            }
            let dataset = try await stores.latestRevision(of: useCase)?.document.useCase.dataset
            var exported = release
            exported.bundle.candidate = PersonalDataPolicy(dataset).masked(release.bundle.candidate)
            return try ReleaseExport(release: exported, adapterDirectory: adapterDirectory).archive()
        }
    }

    package func reports(name: String?) async throws -> [ReportView] { try await stores.reports(useCase: name) }

    package func reportNow(name: String?, formats: [ReportFormat]) async throws -> ReportView {
        try await LongComputation.among {
            if let name { _ = try await known(name) }
            let key = "demand-\(name ?? "all")-\(Int64(saturating: now().timeIntervalSince1970 * 1e6))"
            return try await reportHandler.write(
                ReportRequest(
                    useCase: name, schedule: nil, slot: nil, from: nil,
                    formats: formats.isEmpty ? [.html, .markdown] : formats,
                    key: key))
        }
    }

    package func daemonStatus() async throws -> DaemonStatus {
        let depth = try await stores.depth()
        return DaemonStatus(
            version: facts.version, processID: facts.processID, startedAt: facts.startedAt,
            stateDirectory: facts.stateDirectory, database: facts.database, dueWork: depth.due,
            leasedWork: depth.leased, deadWork: depth.dead, auditDelay: await audit.delay)
    }

    // MARK: Finding

    func known(_ name: String) async throws -> UseCaseID {
        guard let useCase = try await stores.useCase(named: name) else {
            throw await unknown(name)
        }
        return useCase
    }

    private func unknown(_ name: String) async -> FledgeError {
        let names = (try? await stores.statuses(useCase: nil).map(\.name)) ?? []
        return FledgeError(
            "use_case.unknown", "there is no use case \(name)",
            hint: Suggestion.hint(
                for: name, among: names, else: "fledge status lists them; fledge apply FILE adds one"))
    }

    private func status(of name: String) async throws -> UseCaseStatus {
        let statuses: [UseCaseStatus]
        do { statuses = try await stores.statuses(useCase: name) } catch let error as FledgeError
            where error.code == .useCaseUnknown
        { throw await unknown(name) }
        guard let status = statuses.first else {
            throw await unknown(name)
        }
        return status
    }
}

extension Optional {
    func asyncMap<Mapped>(_ transform: (Wrapped) async throws -> Mapped) async rethrows -> Mapped? {
        if let self { try await transform(self) } else { nil }
    }
}

import FledgeCore
import Foundation
import Logging

/// Puts the engine together: every handler behind the worker that claims for it.
package struct OrchestratorServices: Sendable {
    package let worker: WorkerService
    package let scheduler: Scheduler
    package let control: ControlService
    /// Where calls of all use cases take turns.
    package let queues: CallQueues

    /// What the services ask of a database, all together.
    package typealias Ports = ControlService.Ports & AllotmentStore & AuditStore

    /// - Parameters:
    ///   - keys: which keys a definition may name; by default none.
    ///   - localModels: the names that local models may have; nil where only their catalogue knows.
    ///   - dataPlaces: where no data is read from.
    ///   - clock: what places for trainings are kept by.
    ///   - anchor: where the heads of the evidence are written down outside the database; nil for nowhere.
    package init(
        stores: any Ports, catalog: any ModelCatalog, artifacts: any ArtifactStore, executor: any TrainingExecutor,
        sink: any ReportSink, settings: WorkerService.Settings, facts: ControlService.DaemonFacts, host: String,
        worker: String, keys: KeyRules = .none, localModels: [String]? = nil, dataPlaces: DataPlaces = .system,
        anchor: AuditAnchor? = nil,
        now: @escaping @Sendable () -> Date, clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) {
        let audit = EvidenceAudit(stores: stores, artifacts: artifacts, anchor: anchor)
        let cycles = CycleService(stores: stores)
        queues = CallQueues(store: stores, holder: worker, lease: settings.lease, logger: logger)
        let models = ServerDirectory(stores: stores, catalog: catalog, artifacts: artifacts, queues: queues)
        let reports = ReportHandler(stores: stores, sink: sink, now: now)
        let handlers: [CycleAction.Kind: any WorkHandler] = [
            .runExperiment: ExperimentHandler(stores: stores, models: models),
            .judgeGate: GateHandler(stores: stores, models: models, audit: audit),
            .decide: DecisionHandler(
                stores: stores, audit: audit,
                pilots: PilotRunner(
                    stores: stores, models: models, catalog: catalog, executor: executor, clock: clock)),
            .train: TrainingHandler(
                stores: stores, models: models, catalog: catalog, artifacts: artifacts, executor: executor,
                clock: clock),
            .comparePrompts: AdapterPromptHandler(stores: stores, models: models),
            .makeRelease: ReleaseHandler(stores: stores, models: models, audit: audit),
            .notify: NotificationHandler(stores: stores, logger: logger),
            .writeReport: reports,
        ]
        self.worker = WorkerService(
            worker: worker, host: host, processID: facts.processID, settings: settings, queue: stores, cycles: cycles,
            handlers: handlers, logger: logger)
        scheduler = Scheduler(stores: stores, cycles: cycles, logger: logger)
        control = ControlService(
            stores: stores, cycles: cycles, catalog: catalog, artifacts: artifacts, reportHandler: reports,
            facts: facts, keys: keys, localModels: localModels, places: dataPlaces, audit: audit, now: now)
    }
}

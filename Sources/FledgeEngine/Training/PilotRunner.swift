import FledgeCore
import FledgeDocument

/// Runs a definition's pilot: what the model reaches after learning from a few examples, and from more.
package struct PilotRunner: Sendable {
    private let stores: any CycleStore & ExperimentStore & StatusStore
    private let trials: TrialRunner
    private let catalog: any ModelCatalog
    private let teacher: TeacherRunner

    package init(
        stores: any CycleStore & WorkQueue & ExperimentStore & TrainingStore & TuningStore & StatusStore
            & AllotmentStore
            & JobSettling, models: ServerDirectory, catalog: any ModelCatalog, executor: any TrainingExecutor,
        pollInterval: Duration = .seconds(1), clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.stores = stores
        teacher = TeacherRunner(stores: stores, models: models)
        trials = TrialRunner(
            jobs: TrainingJobRunner(stores: stores, executor: executor, pollInterval: pollInterval, clock: clock))
        self.catalog = catalog
    }

    /// Makes the runs that are missing: `TuningStore.learningCurve` then has their points. None are made where the
    /// definition has no `Pilot`, or its data or model cannot be trained on.
    ///
    /// A run that fails leaves its size without a point: the decision then says what is missing.
    ///
    /// - Parameters:
    ///   - look: the look that is decided on; the points of earlier ones count on.
    ///   - item: the work that the pilot is part of, which stays leased while it runs.
    package func run(for cycle: Cycle, look: Int, item: WorkItem) async throws {
        guard let fineTune = cycle.definition.fineTune, let pilot = fineTune.pilot else { return }
        let plan: TrainingPlan
        let data: TuningData
        do {
            plan = try await teacher.teach(
                TrainingPlan(cycle: cycle, stores: stores, catalog: catalog), of: cycle)
            data = try TuningData(pilot: pilot, examples: plan.everyExample, seed: fineTune.lora.seed)
        } catch let error as FledgeError where Self.leavesNoCurve(error) {
            return
        }
        let runs = PilotPlan(pilot, base: fineTune.lora, runLimitSeconds: fineTune.limitSeconds)
        let crew = TrialCrew(
            trials: trials, plan: plan, data: data, cycle: cycle, item: item, purpose: .pilot, attempt: look)
        _ = try await crew.work(stopsAtCancellation: false) { results, running, _ in
            runs.next(after: results, running: running)
        }
    }

    private static func leavesNoCurve(_ error: FledgeError) -> Bool {
        // What keeps the training itself from running is reported by the training, and not here.
        error.code.rawValue.hasPrefix("tuning.")
            || [.trainingFewLessons, .trainingNoLocalModel, .trainingPersonalData].contains(error.code)
    }
}

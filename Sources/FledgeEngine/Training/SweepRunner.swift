import FledgeCore
import FledgeDocument

/// Runs a definition's sweep, as many trials at once as the executor has places, or 4 where it has no limit.
struct SweepRunner: Sendable {
    enum Outcome: Sendable {
        /// The hyperparameters to train with; `adapter` where the best trial has learnt from all that training would.
        case chosen(LoRADefinition, adapter: TrainedTrial?)
        case failed(code: String, message: String)
    }

    /// A trial whose adapter is as good as the final job's would be.
    struct TrainedTrial: Sendable {
        var run: TrialRun
        var specification: TrainingSpec
        var job: TrainingJob
    }

    let trials: TrialRunner

    /// An adapter that has learnt from this share of the examples is not trained again on all of them.
    private static let fullShare = 0.9

    func choose(_ sweep: SweepDefinition, plan: TrainingPlan, cycle: Cycle, attempt: Int, item: WorkItem) async throws
        -> Outcome
    {
        let stores = trials.jobs.stores
        let data = try TuningData(sweep: sweep, examples: plan.examples)
        let halving = SuccessiveHalving(
            sweep, base: plan.fineTune.lora, costs: cycle.definition.costs, resource: data.resource,
            runLimitSeconds: plan.fineTune.limitSeconds)
        let crew = TrialCrew(
            trials: trials, plan: plan, data: data, cycle: cycle, item: item, purpose: .trial, attempt: attempt)
        let ending = try await crew.work(stopsAtCancellation: true) { results, running, places in
            halving.next(after: results, running: running, atOnce: places)
        }
        var lastFailure = (code: "sweep.no_trial", message: "the sweep's budget is too small for one trial")
        switch ending {
        case .cancelled?: return .failed(code: "training.cancelled", message: "the training job was cancelled")
        case .failed(let code, let message)?: lastFailure = (code, message)
        case .scored?, nil: break
        }
        let results = try await stores.trialResults(of: cycle.id, purpose: .trial, attempt: attempt)
        guard let best = halving.best(of: results) else {
            return .failed(code: lastFailure.code, message: lastFailure.message)
        }
        let isCrossValidated = if case .folds = data.resource { true } else { false }
        try await stores.storeSweep(
            SweepRecord(
                metric: cycle.definition.primaryMetric.title, plan: halving, isCrossValidated: isCrossValidated,
                results: results, chosen: best),
            cycle: cycle.id, attempt: attempt)
        let lora = best.setting.applied(to: plan.fineTune.lora, seed: plan.fineTune.lora.seed)
        guard let run = full(best, of: results, plan: plan),
            let job = try await stores.trialJob(of: run, cycle: cycle.id)
        else { return .chosen(lora, adapter: nil) }
        return .chosen(
            lora, adapter: TrainedTrial(run: run, specification: plan.specification(of: run, data: data), job: job))
    }

    /// The best trial's run, where it learnt from about everything, with the seed that the final job would take.
    private func full(_ best: TrialOutcome, of results: [TrialResult], plan: TrainingPlan) -> TrialRun? {
        results.map(\.run).first { run in
            run.trial == best.trial && run.fold == nil && run.seed == plan.fineTune.lora.seed
                && Double(run.rows) >= Self.fullShare * Double(plan.examples.count)
        }
    }
}

/// What a sweep found: the evidence behind the hyperparameters that a cycle trains with.
package struct SweepRecord: Codable, Hashable, Sendable {
    /// The metric that trials are ranked by.
    package var metric: String
    /// Every trial that was begun, the best first.
    package var trials: [TrialOutcome]
    /// How much each rung used: examples to learn from, or folds.
    package var rungs: [Int]
    package var isCrossValidated: Bool
    /// Settings that the definition allowed to try; more than `trials` where the budget ended the sweep.
    package var planned: Int
    /// Training jobs of all trials, and their time.
    package var jobs: Int
    package var seconds: Double
    /// What that time costs; nil where the definition names no price.
    package var costMicroDollars: Int64?
    /// The number of the trial whose setting is trained with.
    package var chosen: Int

    package init(
        metric: String, plan: SuccessiveHalving, isCrossValidated: Bool, results: [TrialResult], chosen: TrialOutcome
    ) {
        self.metric = metric
        trials = plan.outcomes(of: results)
        rungs = plan.rungs
        self.isCrossValidated = isCrossValidated
        planned = plan.settings.count
        jobs = results.count
        seconds = results.reduce(0) { $0 + $1.seconds }
        costMicroDollars = plan.budget.microDollars(for: seconds)
        self.chosen = chosen.trial
    }
}

/// What a training job is for.
package enum TrainingPurpose: String, Codable, Sendable, CaseIterable {
    /// Makes the adapter that is judged and released.
    case final
    case trial, pilot
}

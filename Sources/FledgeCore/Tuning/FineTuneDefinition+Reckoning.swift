import FledgeDocument

extension FineTuneDefinition {
    /// Trainer seconds that are reckoned with before anything was trained: the adapter's limit and the sweep's. Where the
    /// definition does not limit its sweep, each trial with each seed counts as long as the adapter may take.
    ///
    /// Pilots are left out: by the time that there is a choice, they have run.
    package func reckonedSeconds(costs: CostsDefinition?) -> Double {
        let adapter = Double(limitSeconds)
        guard let sweep else { return adapter }
        let runs = Double(max(1, sweep.trials)) * Double(max(1, sweep.seeds.count))
        return adapter + min(TuningBudget(sweep, costs: costs).seconds, runs * adapter)
    }
}

import FledgeDocument

/// The runs of a pilot: every size with every seed, the smallest first.
package struct PilotPlan: Sendable {
    package let runs: [TrialRun]

    package init(_ pilot: PilotDefinition, base: LoRADefinition, runLimitSeconds: Int) {
        let seeds = pilot.seeds.isEmpty ? [base.seed] : pilot.seeds
        runs = pilot.sizes.sorted().enumerated().flatMap { place, size in
            seeds.map { seed in
                TrialRun(
                    trial: place + 1, setting: TrialSetting(base), rung: 0, fold: nil, seed: seed, rows: size,
                    limitSeconds: runLimitSeconds)
            }
        }
    }

    /// The run to begin now; nil when all have ended or are under way.
    package func next(after results: [TrialResult], running: [TrialRun] = []) -> TrialRun? {
        runs.first { run in
            !results.contains { $0.run.isSame(as: run) } && !running.contains { $0.isSame(as: run) }
        }
    }
}

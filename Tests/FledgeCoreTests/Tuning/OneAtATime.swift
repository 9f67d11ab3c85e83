import FledgeCore
import FledgeDocument

/// Successive halving for one worker, as it was before trials ran side by side: what the runs of one worker are compared with.
struct OneAtATime {
    let settings: [TrialSetting]
    let rungs: [Int]
    let budget: TuningBudget
    let resource: SuccessiveHalving.Resource
    let reduction: Int
    let seeds: [UInt64]
    let runLimitSeconds: Int

    init(_ sweep: SweepDefinition, of plan: SuccessiveHalving, resource: SuccessiveHalving.Resource, limit: Int) {
        settings = plan.settings
        rungs = plan.rungs
        budget = plan.budget
        self.resource = resource
        reduction = sweep.reduction
        seeds = sweep.seeds.isEmpty ? [1] : sweep.seeds
        runLimitSeconds = limit
    }

    func next(after results: [TrialResult]) -> TrialRun? {
        let remaining = budget.seconds - results.reduce(0) { $0 + $1.seconds }
        for (trial, rung) in options(results) {
            guard let part = missing(trial, rung, results).first else { continue }
            var run = TrialRun(
                trial: trial + 1, setting: settings[trial], rung: rung, fold: part.fold, seed: part.seed,
                rows: part.rows, limitSeconds: runLimitSeconds)
            guard remaining >= 1, expected(run, results) <= remaining else { continue }
            run.limitSeconds = Int(min(Double(runLimitSeconds), remaining.rounded(.down)))
            return run
        }
        return nil
    }

    private func options(_ results: [TrialResult]) -> [(trial: Int, rung: Int)] {
        let completed = settings.indices.map { trial in
            rungs.indices.first { !missing(trial, $0, results).isEmpty } ?? rungs.count
        }
        func own(_ trial: Int) -> [TrialResult] { results.filter { $0.run.trial == trial + 1 } }
        func failed(_ trial: Int) -> Bool { own(trial).contains { $0.score == nil } }
        let begun = settings.indices.first { trial in
            !failed(trial) && own(trial).contains { $0.run.rung == completed[trial] }
        }
        if let begun { return [(begun, completed[begun])] }
        let fresh = settings.indices.filter { own($0).isEmpty }
        var isClosed = fresh.isEmpty
        var promotions: [[Int]] = []
        for rung in rungs.indices.dropLast() {
            let there = settings.indices.filter { trial in
                completed[trial] > rung || failed(trial) && own(trial).contains { $0.run.rung == rung }
            }
            let quota = isClosed ? max(1, there.count / reduction) : there.count / reduction
            let standings = there.map { standing(of: $0, own($0), rung) }
            let best = standings.sorted { $0.isBetter(than: $1) }.map(\.trial).filter { !failed($0) }.prefix(quota)
            let waiting = best.filter { completed[$0] == rung + 1 }
            promotions.append(waiting)
            isClosed = isClosed && waiting.isEmpty
        }
        var options: [(trial: Int, rung: Int)] = []
        for rung in promotions.indices.reversed() { options += promotions[rung].map { ($0, rung + 1) } }
        return options + fresh.prefix(1).map { ($0, 0) }
    }

    private struct Part {
        var fold: Int?
        var seed: UInt64
        var rows: Int
    }

    private func missing(_ trial: Int, _ rung: Int, _ results: [TrialResult]) -> [Part] {
        var parts: [Part] = []
        switch resource {
        case .share: parts = seeds.map { Part(fold: nil, seed: $0, rows: rungs[rung]) }
        case .folds(let sizes):
            for fold in (rung == 0 ? 0 : rungs[rung - 1])..<rungs[rung] {
                parts += seeds.map { Part(fold: fold, seed: $0, rows: sizes.reduce(0, +) - sizes[fold]) }
            }
        }
        return parts.filter { part in
            !results.contains {
                $0.run.trial == trial + 1 && $0.run.rung == rung && $0.run.fold == part.fold
                    && $0.run.seed == part.seed
            }
        }
    }

    private struct Standing {
        var trial: Int
        var score: Double
        var seconds: Double

        func isBetter(than other: Standing) -> Bool {
            let isInfinite = score.isInfinite || other.score.isInfinite
            if abs(score - other.score) > 1e-9 || isInfinite, score != other.score { return score > other.score }
            return (seconds, trial) < (other.seconds, other.trial)
        }
    }

    private func standing(of trial: Int, _ own: [TrialResult], _ rung: Int) -> Standing {
        var evidence = own.filter { $0.run.rung == rung }
        if case .folds = resource { evidence = own.filter { $0.run.rung <= rung } }
        let answers = evidence.reduce(0) { $0 + $1.answers }
        let total = evidence.reduce(0) { $0 + ($1.score ?? -.infinity) * Double($1.answers) }
        return Standing(
            trial: trial, score: answers > 0 ? total / Double(answers) : -.infinity,
            seconds: evidence.reduce(0) { $0 + $1.seconds })
    }

    private func expected(_ run: TrialRun, _ results: [TrialResult]) -> Double {
        func work(_ run: TrialRun) -> Double { Double(run.rows) * Double(run.setting.epochs) }
        let complete = results.filter { $0.score != nil }
        let larger = complete.filter { work($0.run) >= work(run) }
        if let nearest = larger.map({ work($0.run) }).min() {
            return larger.filter { work($0.run) == nearest }.map(\.seconds).max() ?? 0
        }
        guard let most = complete.map({ work($0.run) }).max(), most > 0 else { return 0 }
        return (complete.filter { work($0.run) == most }.map(\.seconds).max() ?? 0) * work(run) / most
    }
}

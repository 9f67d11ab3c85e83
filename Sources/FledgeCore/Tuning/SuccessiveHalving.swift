import FledgeDocument

/// Which training run comes next, and which setting is the best: a function of the runs that have ended and of those that are
/// under way.
///
/// Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2): a
/// trial that is in the best 1/η of its rung goes on to the next, wherever there is one; else another trial begins. Nobody
/// waits for a rung to be full: what has ended decides, and what is under way is not given out again. When no more trials
/// come, each rung sends at least its best one on, so that some setting has been seen in full.
///
/// What grows from rung to rung is the share of the examples, or, under cross-validation, the number of folds: the folds of
/// the lower rungs then count on, as in racing over folds (Maron and Moore 1994, "Hoeffding Races"). A promoted trial on a
/// larger share starts over: its learning rate falls with the length of its run, so that going on from the end of a short
/// run would score a training that the final job does not repeat.
package struct SuccessiveHalving: Sendable {
    /// How the examples are used.
    package enum Resource: Hashable, Sendable {
        /// One part of the examples is held back to be asked; so many are left to learn from.
        case share(of: Int)
        /// Cross-validation: the sizes of the folds.
        case folds([Int])
    }

    package let settings: [TrialSetting]
    /// How much each rung uses: examples to learn from, or folds.
    package let rungs: [Int]
    package let budget: TuningBudget
    let resource: Resource
    let reduction: Int
    let seeds: [UInt64]
    let runLimitSeconds: Int

    /// The least share is of at least so many examples: fewer say more about the draw than about the setting.
    private static let smallestShare = 50
    private static let mostRungs = 4

    /// - Parameter runLimitSeconds: what one run may take at most.
    package init(
        _ sweep: SweepDefinition, base: LoRADefinition, costs: CostsDefinition?, resource: Resource,
        runLimitSeconds: Int
    ) {
        settings = SweepSpace(sweep, base: base).settings(atMost: max(1, sweep.trials), seed: sweep.seed)
        budget = TuningBudget(sweep, costs: costs)
        reduction = max(2, sweep.reduction)
        seeds = sweep.seeds.isEmpty ? [base.seed] : sweep.seeds
        self.resource = resource
        self.runLimitSeconds = runLimitSeconds
        let (full, smallest) =
            switch resource {
            case .share(let rows): (rows, Self.smallestShare)
            case .folds(let sizes): (sizes.count, 1)
            }
        var rungs = [max(1, full)]
        // A single setting has nobody to be compared with.
        while settings.count > 1, rungs.count < Self.mostRungs, rungs[0] > smallest {
            let next = (rungs[0] + reduction - 1) / reduction
            guard next >= smallest, next < rungs[0] else { break }
            rungs.insert(next, at: 0)
        }
        self.rungs = rungs
    }

    /// The run to begin now.
    ///
    /// - Parameters:
    ///   - results: the runs that have ended, in any order.
    ///   - running: the runs that are under way, in any order; one that has ended by now counts as ended.
    ///   - atOnce: how many runs may be under way, 1 or more: they share what the budget has left.
    /// - Returns: nil when there is none before another run ends; when nothing is under way, every promotion is done, or
    ///   nothing more fits into the budget.
    package func next(after results: [TrialResult], running: [TrialRun] = [], atOnce: Int = 1) -> TrialRun? {
        let running = running.filter { run in !results.contains { $0.run.isSame(as: run) } }
        let standings = standings(after: results, running: running)
        var allowance = Allowance(self, after: results, running: running, atOnce: atOnce)
        for (trial, rung) in options(standings) {
            guard let part = missingPart(of: rung, in: standings[trial]) else { continue }
            var run = TrialRun(
                trial: trial + 1, setting: settings[trial], rung: rung, fold: part.fold, seed: part.seed,
                rows: part.rows, limitSeconds: runLimitSeconds)
            guard let limit = allowance.limitSeconds(of: run) else { continue }
            run.limitSeconds = limit
            return run
        }
        return nil
    }

    /// The trials that could be worked on, the most urgent first.
    private func options(_ standings: [Standing]) -> [(trial: Int, rung: Int)] {
        // What is begun is finished first.
        let begun = standings.indices.filter { trial in
            let standing = standings[trial]
            return standing.isAtWork(on: standing.completed) && missingPart(of: standing.completed, in: standing) != nil
        }
        if !begun.isEmpty { return begun.map { ($0, standings[$0].completed) } }
        var options: [(trial: Int, rung: Int)] = []
        let fresh = standings.indices.filter { standings[$0].isFresh }
        var isClosed = fresh.isEmpty
        var promotions: [[Int]] = []
        for rung in rungs.indices.dropLast() {
            // Who is still at work on the rung may come out as its best.
            isClosed = isClosed && !standings.contains { $0.isAtWork(on: rung) }
            let there = standings.indices.filter { standings[$0].reached(rung) }
            let quota = isClosed ? max(1, there.count / reduction) : there.count / reduction
            let best = ranked(there, at: rung, standings).filter { !standings[$0].hasFailed }.prefix(quota)
            let waiting = best.filter { standings[$0].completed == rung + 1 && !standings[$0].isUnderWay }
            promotions.append(Array(waiting))
            // Nobody more comes up once all who may have gone.
            isClosed = isClosed && waiting.isEmpty
        }
        for rung in promotions.indices.reversed() { options += promotions[rung].map { ($0, rung + 1) } }
        return options + fresh.prefix(1).map { ($0, 0) }
    }

    func parts(of rung: Int) -> [Part] {
        switch resource {
        case .share: return seeds.map { Part(fold: nil, seed: $0, rows: rungs[rung]) }
        case .folds(let sizes):
            let total = sizes.reduce(0, +)
            let first = rung == 0 ? 0 : rungs[rung - 1]
            return (first..<rungs[rung]).flatMap { fold in
                seeds.map { Part(fold: fold, seed: $0, rows: total - sizes[fold]) }
            }
        }
    }

    /// The first part of the rung that was not begun.
    private func missingPart(of rung: Int, in standing: Standing) -> Part? {
        parts(of: rung).first { !standing.hasBegun($0, of: rung) }
    }
}

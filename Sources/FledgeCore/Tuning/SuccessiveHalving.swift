import FledgeDocument

/// Which training run comes next, and which setting is the best: a function of the runs that have ended.
///
/// Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2) for
/// one worker: a trial that is in the best 1/η of its rung goes on to the next, wherever there is one; else another trial
/// begins. When no more trials come, each rung sends at least its best one on, so that some setting has been seen in full.
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
    private let resource: Resource
    private let reduction: Int
    private let seeds: [UInt64]
    private let runLimitSeconds: Int

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

    // MARK: What comes next

    /// The next run; nil when every promotion is done, or nothing more fits into the budget.
    ///
    /// - Parameter results: the runs that have ended, in the order in which they did.
    package func next(after results: [TrialResult]) -> TrialRun? {
        let standings = standings(after: results)
        let spent = results.reduce(0) { $0 + $1.seconds }
        for (trial, rung) in options(standings) {
            guard let part = missingPart(of: trial, rung: rung, in: standings[trial]) else { continue }
            var run = TrialRun(
                trial: trial + 1, setting: settings[trial], rung: rung, fold: part.fold, seed: part.seed,
                rows: part.rows, limitSeconds: runLimitSeconds)
            let remaining = budget.seconds - spent
            guard remaining >= 1, Self.expectedSeconds(of: run, after: results) <= remaining else { continue }
            run.limitSeconds = Int(min(Double(runLimitSeconds), remaining.rounded(.down)))
            return run
        }
        return nil
    }

    /// The trials that could be worked on, the most urgent first.
    private func options(_ standings: [Standing]) -> [(trial: Int, rung: Int)] {
        // What is begun is finished first.
        if let begun = standings.firstIndex(where: { !$0.hasFailed && $0.isUnderWay }) {
            return [(begun, standings[begun].completed)]
        }
        var options: [(trial: Int, rung: Int)] = []
        let fresh = standings.indices.filter { standings[$0].parts.isEmpty }
        var isClosed = fresh.isEmpty
        var promotions: [[Int]] = []
        for rung in rungs.indices.dropLast() {
            let there = standings.indices.filter { standings[$0].reached(rung) }
            let quota = isClosed ? max(1, there.count / reduction) : there.count / reduction
            let best = ranked(there, at: rung, standings).filter { !standings[$0].hasFailed }.prefix(quota)
            let waiting = best.filter { standings[$0].completed == rung + 1 }
            promotions.append(Array(waiting))
            // Nobody more comes up once all who may have gone.
            isClosed = isClosed && waiting.isEmpty
        }
        for rung in promotions.indices.reversed() { options += promotions[rung].map { ($0, rung + 1) } }
        return options + fresh.prefix(1).map { ($0, 0) }
    }

    private struct Part {
        var fold: Int?
        var seed: UInt64
        var rows: Int
    }

    private func parts(of rung: Int) -> [Part] {
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

    private func missingPart(of trial: Int, rung: Int, in standing: Standing) -> Part? {
        parts(of: rung).first { part in
            !standing.parts.contains { $0.run.rung == rung && $0.run.fold == part.fold && $0.run.seed == part.seed }
        }
    }

    /// The time of the nearest run of at least that size, or that of the largest so far in proportion; 0 before the first.
    private static func expectedSeconds(of run: TrialRun, after results: [TrialResult]) -> Double {
        let complete = results.filter { $0.score != nil }
        let larger = complete.filter { $0.run.work >= run.work }
        if let nearest = larger.map(\.run.work).min() {
            return larger.filter { $0.run.work == nearest }.map(\.seconds).max() ?? 0
        }
        guard let most = complete.map(\.run.work).max(), most > 0 else { return 0 }
        return (complete.filter { $0.run.work == most }.map(\.seconds).max() ?? 0) * run.work / most
    }

    // MARK: Where the trials stand

    private struct Standing {
        var parts: [TrialResult] = []
        /// Rungs that are done.
        var completed = 0
        var isUnderWay = false
        var hasFailed: Bool { parts.contains { $0.score == nil } }

        func reached(_ rung: Int) -> Bool { completed > rung || (hasFailed && parts.contains { $0.run.rung == rung }) }
    }

    private func standings(after results: [TrialResult]) -> [Standing] {
        var standings = [Standing](repeating: Standing(), count: settings.count)
        for result in results where standings.indices.contains(result.run.trial - 1) {
            standings[result.run.trial - 1].parts.append(result)
        }
        for trial in standings.indices {
            var rung = 0
            while rung < rungs.count, missingPart(of: trial, rung: rung, in: standings[trial]) == nil { rung += 1 }
            standings[trial].completed = rung
            standings[trial].isUnderWay =
                rung < rungs.count && standings[trial].parts.contains { $0.run.rung == rung }
        }
        return standings
    }

    /// The runs that speak for a trial at a rung.
    private func evidence(_ standing: Standing, at rung: Int) -> [TrialResult] {
        switch resource {
        case .share: standing.parts.filter { $0.run.rung == rung }
        case .folds: standing.parts.filter { $0.run.rung <= rung }
        }
    }

    private func outcome(of trial: Int, at rung: Int, _ standing: Standing) -> TrialOutcome {
        let evidence = evidence(standing, at: rung)
        let scored = evidence.filter { $0.score != nil }
        let answers = scored.reduce(0) { $0 + $1.answers }
        let total = scored.reduce(0) { $0 + ($1.score ?? 0) * Double($1.answers) }
        return TrialOutcome(
            trial: trial + 1, setting: settings[trial], rung: rung,
            score: scored.count == evidence.count && answers > 0 ? total / Double(answers) : nil, answers: answers,
            seconds: evidence.reduce(0) { $0 + $1.seconds })
    }

    /// The best first: by score, then by time, then by number.
    private func ranked(_ trials: [Int], at rung: Int, _ standings: [Standing]) -> [Int] {
        trials.map { ($0, outcome(of: $0, at: rung, standings[$0])) }.sorted { $0.1.isBetter(than: $1.1) }.map(\.0)
    }

    // MARK: What came of it

    /// Every trial that was begun, as far as it came: the best first. A trial that came further stands above those that did
    /// not, whose scores rest on fewer examples.
    package func outcomes(of results: [TrialResult]) -> [TrialOutcome] {
        let standings = standings(after: results)
        return standings.indices.filter { !standings[$0].parts.isEmpty }.map { trial in
            let standing = standings[trial]
            let rung =
                standing.hasFailed ? standing.parts.map(\.run.rung).max() ?? 0 : max(0, standing.completed - 1)
            var outcome = outcome(of: trial, at: rung, standing)
            if standing.completed == 0 { outcome.score = nil }
            return outcome
        }.sorted { left, right in
            switch (left.score, right.score) {
            case (nil, nil): left.trial < right.trial
            case (_?, nil): true
            case (nil, _?): false
            case (_?, _?): left.rung != right.rung ? left.rung > right.rung : left.isBetter(than: right)
            }
        }
    }

    /// The setting to train with; nil before any trial was scored.
    package func best(of results: [TrialResult]) -> TrialOutcome? {
        outcomes(of: results).first { $0.score != nil }
    }
}

/// What came of a trial.
package struct TrialOutcome: Codable, Hashable, Sendable {
    package var trial: Int
    package var setting: TrialSetting
    /// The last rung that it was scored on, from 0.
    package var rung: Int
    /// The primary metric's mean over the answers; nil when it failed, or was never scored.
    package var score: Double?
    package var answers: Int
    /// What the runs behind the score took.
    package var seconds: Double

    fileprivate func isBetter(than other: TrialOutcome) -> Bool {
        let (left, right) = (score ?? -.infinity, other.score ?? -.infinity)
        // Sums of ratios differ in the last bits though the counts behind them are equal.
        if abs(left - right) > 1e-9 || left.isInfinite || right.isInfinite, left != right { return left > right }
        return (seconds, trial) < (other.seconds, other.trial)
    }
}

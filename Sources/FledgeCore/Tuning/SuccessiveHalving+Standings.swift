/// Where the trials stand, and what came of them.
extension SuccessiveHalving {
    /// A part of the examples, and a seed, that a trial is trained with on a rung.
    struct Part {
        var fold: Int?
        var seed: UInt64
        var rows: Int

        func isOf(_ run: TrialRun, on rung: Int) -> Bool { run.rung == rung && run.fold == fold && run.seed == seed }
    }

    struct Standing {
        var ended: [TrialResult] = []
        var running: [TrialRun] = []
        /// Rungs that are done: every part of them has ended.
        var completed = 0
        /// Whether some part of the rung after those was begun.
        var isUnderWay = false
        var isFresh: Bool { ended.isEmpty && running.isEmpty }
        var hasFailed: Bool { ended.contains { $0.score == nil } }

        func reached(_ rung: Int) -> Bool { completed > rung || (hasFailed && ended.contains { $0.run.rung == rung }) }
        /// Whether it may still come out well of that rung, which it has not ended.
        func isAtWork(on rung: Int) -> Bool { !hasFailed && isUnderWay && completed == rung }

        func hasEnded(_ part: Part, of rung: Int) -> Bool { ended.contains { part.isOf($0.run, on: rung) } }
        func hasBegun(_ part: Part, of rung: Int) -> Bool {
            hasEnded(part, of: rung) || running.contains { part.isOf($0, on: rung) }
        }
    }

    func standings(after results: [TrialResult], running: [TrialRun]) -> [Standing] {
        var standings = [Standing](repeating: Standing(), count: settings.count)
        for result in results where standings.indices.contains(result.run.trial - 1) {
            standings[result.run.trial - 1].ended.append(result)
        }
        for run in running where standings.indices.contains(run.trial - 1) {
            standings[run.trial - 1].running.append(run)
        }
        for trial in standings.indices {
            let standing = standings[trial]
            var rung = 0
            while rung < rungs.count, parts(of: rung).allSatisfy({ standing.hasEnded($0, of: rung) }) { rung += 1 }
            standings[trial].completed = rung
            standings[trial].isUnderWay =
                rung < rungs.count
                && (standing.ended.contains { $0.run.rung == rung } || standing.running.contains { $0.rung == rung })
        }
        return standings
    }

    /// The runs that speak for a trial at a rung.
    private func evidence(_ standing: Standing, at rung: Int) -> [TrialResult] {
        switch resource {
        case .share: standing.ended.filter { $0.run.rung == rung }
        case .folds: standing.ended.filter { $0.run.rung <= rung }
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

    /// The best first.
    func ranked(_ trials: [Int], at rung: Int, _ standings: [Standing]) -> [Int] {
        trials.map { ($0, outcome(of: $0, at: rung, standings[$0])) }.sorted { $0.1.isBetter(than: $1.1) }.map(\.0)
    }

    /// Every trial of which a run has ended, as far as it came: the best first. A trial that came further stands above those
    /// that did not, whose scores rest on fewer examples.
    package func outcomes(of results: [TrialResult]) -> [TrialOutcome] {
        let standings = standings(after: results, running: [])
        return standings.indices.filter { !standings[$0].isFresh }.map { trial in
            let standing = standings[trial]
            let rung =
                standing.hasFailed ? standing.ended.map(\.run.rung).max() ?? 0 : max(0, standing.completed - 1)
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

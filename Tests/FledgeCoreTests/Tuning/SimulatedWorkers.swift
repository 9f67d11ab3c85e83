import FledgeCore

/// Workers that run a sweep's trials, on a clock that moves from one end of a run to the next.
struct SimulatedWorkers {
    let plan: SuccessiveHalving
    let count: Int
    /// The seconds that a run would take; its limit may end it earlier.
    let seconds: (TrialRun) -> Double
    /// Nil for a run that fails.
    let score: (TrialRun) -> Double?

    struct Outcome {
        /// In the order in which they were begun.
        var begun: [TrialRun] = []
        /// In the order in which they ended.
        var results: [TrialResult] = []
        /// When the last one ended.
        var wall = 0.0
        /// The most that were under way at once.
        var most = 0

        var spent: Double { results.reduce(0) { $0 + $1.seconds } }
    }

    private struct Running {
        var run: TrialRun
        var seconds: Double
        var end: Double
    }

    func work() -> Outcome {
        var outcome = Outcome()
        var running: [Running] = []
        while true {
            while running.count < count,
                let run = plan.next(after: outcome.results, running: running.map(\.run), atOnce: count)
            {
                let taken = min(seconds(run), Double(run.limitSeconds))
                outcome.begun.append(run)
                running.append(Running(run: run, seconds: taken, end: outcome.wall + taken))
            }
            outcome.most = max(outcome.most, running.count)
            guard let first = running.indices.min(by: { running[$0].end < running[$1].end }) else { return outcome }
            let ended = running.remove(at: first)
            outcome.wall = ended.end
            outcome.results.append(
                TrialResult(run: ended.run, score: score(ended.run), answers: 100, seconds: ended.seconds))
        }
    }
}

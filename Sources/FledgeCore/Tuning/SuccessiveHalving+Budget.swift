/// What the budget still allows.
extension SuccessiveHalving {
    /// What is left of the budget for the runs that could be begun: they ask in turns, the most urgent first.
    ///
    /// What is under way counts with the most that it may take, so that all together keep to the budget whatever each of them
    /// takes. A run that does not fit beside it, but will once it has ended as expected, has its seconds set aside: less
    /// urgent runs, which are small, would otherwise take them bit by bit, and the promotion would never be done.
    struct Allowance {
        /// A run may take so many times what it is expected to: being cut off would count against its setting.
        private static let margin = 2.0

        private let results: [TrialResult]
        private let runLimitSeconds: Int
        /// How many more runs may be under way.
        private let places: Int
        private let left: Double
        /// What is left when all that is under way has ended as expected, less what is set aside; never below what is left
        /// now before something is.
        private var expectedLeft: Double

        init(_ plan: SuccessiveHalving, after results: [TrialResult], running: [TrialRun], atOnce: Int) {
            self.results = results
            runLimitSeconds = plan.runLimitSeconds
            places = max(1, atOnce - running.count)
            let unspent = plan.budget.seconds - results.reduce(0) { $0 + $1.seconds }
            left = unspent - running.reduce(0) { $0 + Double($1.limitSeconds) }
            expectedLeft =
                unspent
                - running.reduce(0) { sum, run in
                    let most = Double(run.limitSeconds)
                    return sum + min(most, Self.expectedSeconds(of: run, after: results) ?? most)
                }
        }

        /// The seconds that a run may take at most; nil when it does not fit into the budget, or not before another ends.
        ///
        /// While nothing is known of what runs take, a run may take all that is left. After that the runs that go on beside
        /// each other share it: each gets an equal part, or, where that is less than twice what it is expected to take, so
        /// much.
        mutating func limitSeconds(of run: TrialRun) -> Int? {
            var most = min(left, expectedLeft)
            if let expected = Self.expectedSeconds(of: run, after: results) {
                guard expected <= most else {
                    if expected <= expectedLeft { expectedLeft -= expected }
                    return nil
                }
                most = min(most, max(left / Double(places), Self.margin * expected))
            }
            guard most >= 1 else { return nil }
            return max(1, Int(saturating: min(Double(runLimitSeconds), most.rounded(.down))))
        }

        /// The seconds of the nearest run of at least that size, or those of the largest so far in proportion; nil before
        /// the first has ended.
        private static func expectedSeconds(of run: TrialRun, after results: [TrialResult]) -> Double? {
            let complete = results.filter { $0.score != nil }
            let larger = complete.filter { $0.run.work >= run.work }
            if let nearest = larger.map(\.run.work).min() {
                return larger.filter { $0.run.work == nearest }.map(\.seconds).max()
            }
            guard let most = complete.map(\.run.work).max(), most > 0 else { return nil }
            return complete.filter { $0.run.work == most }.map(\.seconds).max().map { $0 * run.work / most }
        }
    }
}

import FledgeDocument

/// A candidate's samples as a criterion is estimated from them, and the estimates that metrics share.
package struct MeasuredAnswers {
    /// Samples of the questions as they stand in the data, repeats included, and those of changed questions.
    let measured: [CriterionEvaluator.Measured]
    let perturbed: [CriterionEvaluator.Measured]
    /// The first answers, with the groups of their examples.
    let first: [CriterionEvaluator.Measured]
    let groups: Groups

    init(_ measured: [CriterionEvaluator.Measured]) {
        // No copies where no question was repeated or changed: a gate may hold a million samples.
        let last = measured.withUnsafeBufferPointer { samples in
            samples.indices.reduce(0) { max($0, samples[$1].sample.repeat) }
        }
        let hasPerturbed = last >= PerturbedQuestion.firstRepeat
        self.measured = hasPerturbed ? measured.filter { $0.sample.repeat < PerturbedQuestion.firstRepeat } : measured
        perturbed = hasPerturbed ? measured.filter { $0.sample.repeat >= PerturbedQuestion.firstRepeat } : []
        first = last == 0 ? measured : measured.filter { $0.sample.repeat == 0 }
        groups = Groups(first)
    }

    /// The groups of a list of examples, numbered.
    struct Groups {
        let numbers: [Int]
        let count: Int

        init(_ measured: [CriterionEvaluator.Measured]) {
            var known: [String: Int] = [:]
            known.reserveCapacity(measured.count)
            var numbers: [Int] = []
            numbers.reserveCapacity(measured.count)
            measured.withUnsafeBufferPointer { samples in
                for index in samples.indices {
                    let next = known.count
                    let number = { (number: inout Int) in
                        if number < 0 { number = next }
                        return number
                    }(&known[samples[index].group, default: -1])
                    numbers.append(number)
                }
            }
            self.numbers = numbers
            count = known.count
        }

        /// Whether each example is a group of its own.
        var areSingle: Bool { count == numbers.count }
    }

    // MARK: Estimates

    /// The share of examples whose first answer scores a half or more; an answer on which the search for a pattern was
    /// given up counts as missing.
    func rateOfHits(of metric: any Metric, alpha: Double) -> Estimate {
        let name = metric.name
        let mayLackScores = metric.mayLackScores
        var givenUp = 0
        let outcomes = first.map { measured -> Bool? in
            if measured.sample.isUnanswered { return nil }
            // An older daemon takes the mark away and leaves no score.
            if mayLackScores, measured.sample.scores[name] == nil {
                givenUp += 1
                return nil
            }
            return (measured.sample.scores[name] ?? 0) >= 0.5
        }
        var estimate = rate(outcomes, in: groups, alpha: alpha)
        if givenUp > 0 { estimate.explain(givenUp: givenUp, of: first.count, metric.title) }
        return estimate
    }

    /// Exact where each example is a group of its own; with the effective number of examples where groups hold several.
    ///
    /// - Parameter outcomes: nil where there is no answer. What is not known is bounded by what it could be: wrong for the
    ///   lower bound, right for the upper one (Manski, "Nonparametric Bounds on Treatment Effects", 1990).
    func rate(_ outcomes: [Bool?], in groups: Groups, alpha: Double) -> Estimate {
        let hits = outcomes.count { $0 == true }
        let missing = outcomes.count { $0 == nil }
        func bounds(missingAs guess: Bool) -> Bounds {
            guard !groups.areSingle else {
                return .clopperPearson(
                    successes: hits + (guess ? missing : 0), trials: outcomes.count, alpha: alpha)
            }
            var byGroup = [(hits: Int, trials: Int)](repeating: (0, 0), count: groups.count)
            for (outcome, group) in zip(outcomes, groups.numbers) {
                byGroup[group].trials += 1
                if outcome ?? guess { byGroup[group].hits += 1 }
            }
            return .clopperPearson(groups: byGroup, alpha: alpha)
        }
        let known = outcomes.count - missing
        let lowest = bounds(missingAs: false)
        return Estimate(
            value: known == 0 ? .nan : Double(hits) / Double(known),
            bounds: missing == 0 ? lowest : Bounds(lower: lowest.lower, upper: bounds(missingAs: true).upper),
            count: known, problem: known == 0 ? "no answer came" : nil, note: Self.note(missing: missing))
    }

    /// The mean of values in 0…1, with its bounds; nil where there is no answer.
    func mean(_ values: [Double?], alpha: Double) -> Estimate {
        let known = values.compactMap { $0 }
        let missing = values.count - known.count
        let lowest = meanBounds(values.map { $0 ?? 0 }, alpha: alpha)
        return Estimate(
            value: mean(known),
            bounds: missing == 0
                ? lowest : Bounds(lower: lowest.lower, upper: meanBounds(values.map { $0 ?? 1 }, alpha: alpha).upper),
            count: known.count, problem: known.isEmpty ? "no answer came" : nil, note: Self.note(missing: missing))
    }

    static func note(missing: Int) -> String? {
        missing == 0 ? nil : "\(missing) without an answer: wrong in the lower bound, right in the upper"
    }

    /// By betting where each example is a group of its own; by resampling groups where they hold several.
    private func meanBounds(_ values: [Double], alpha: Double) -> Bounds {
        guard !groups.areSingle else {
            // A bet must not know the data file's order, which may well be that of the labels.
            var random = SplitMix64(seed: 7)
            return .betting(values.shuffled(using: &random), alpha: alpha)
        }
        var byGroup = [[Double]](repeating: [], count: groups.count)
        for (value, group) in zip(values, groups.numbers) { byGroup[group].append(value) }
        let bounds = Bootstrap().mean(groups: byGroup, alpha: alpha)
        return Bounds(lower: max(0, bounds.lower), upper: min(1, bounds.upper))
    }

    /// A mean over calls that were answered, of amounts that the server counts. Where it did not say them for more calls than
    /// a gate bears, nothing is known; for a few, they are bounded by nothing and by the most that the call can have used.
    func total(_ what: String, alpha: Double, _ value: (Sample) -> Double) -> Estimate {
        let answered = measured.filter { $0.sample.errorCode == nil }
        let unknown = answered.count { $0.sample.isUsagePresumed }
        var none = Estimate(value: .nan, bounds: Bounds(lower: 0, upper: 0), count: answered.count)
        guard !answered.isEmpty else {
            none.problem = "every call failed"
            return none
        }
        guard Double(unknown) <= MissingTally.usualLimit * Double(answered.count) else {
            none.unknown =
                "the server did not say the \(what) of \(unknown) of \(answered.count) calls: let it report usage, or leave "
                + "this criterion out"
            return none
        }
        let byGroup = Dictionary(grouping: answered, by: \.group).sorted { $0.key < $1.key }.map(\.value)
        func bounds(unknownAs guess: (Sample) -> Double) -> Bounds {
            Bootstrap().mean(
                groups: byGroup.map { $0.map { $0.sample.isUsagePresumed ? guess($0.sample) : value($0.sample) } },
                alpha: alpha)
        }
        let highest = bounds(unknownAs: value)
        return Estimate(
            value: mean(byGroup.flatMap { $0.filter { !$0.sample.isUsagePresumed }.map { value($0.sample) } }),
            bounds: unknown == 0 ? highest : Bounds(lower: bounds(unknownAs: { _ in 0 }).lower, upper: highest.upper),
            count: answered.count,
            note: unknown == 0 ? nil : "the server did not say the \(what) of \(unknown) calls: bounded by their most")
    }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }
}

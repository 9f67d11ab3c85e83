import FledgeCore
import FledgeDocument

/// How often an equal candidate is promoted when somebody looks after every block of examples, and how often a better one
/// is: by the anytime-valid test that Fledge's gates compare scores by, by one exact test at the end, and by a test at each
/// look that forgets the others.
///
/// Gates look more seldom than that: a look at the holdout is counted, and `BetterThan` of right and wrong answers is the
/// exact test, at the part of α that the look was given.
enum FalsePromotion {
    static let benchmark = Benchmark(name: "false-promotion", run: run)

    private static let alpha = 0.05
    private static let block = 25
    private static let rates = [0.5, 0.8, 0.95]
    private static let gains = [0.03, 0.05, 0.10]

    /// Of the runs of one setting.
    private struct Tally {
        var promoted = [Method: Int]()
        /// Pairs until Fledge promoted, over the runs in which it did.
        var pairsUsed = 0
    }

    private enum Method: String, CaseIterable {
        case fledge
        case fixed = "exact McNemar, once, at the end"
        case naive = "exact McNemar, p < 0.05 at any look"

        var peer: String? { self == .fledge ? nil : rawValue }
    }

    @Sendable private static func run(quick: Bool) -> [Figure] {
        let runs = quick ? 400 : 4000
        let pairs = quick ? 500 : 1000
        var cache: [McNemar: Double] = [:]
        var figures: [Figure] = []
        for (index, rate) in rates.enumerated() {
            for gain in [0] + gains where rate + gain <= 1 {
                let seed = UInt64(1000 * index) + UInt64(gain * 100)
                let tally = tally(rate: rate, gain: gain, runs: runs, pairs: pairs, seed: seed, &cache)
                let settings =
                    "\(runs) seeded runs, α \(alpha), up to \(pairs) pairs of answers to the same examples, a look after "
                    + "every \(block), half of the examples answered alike by both"
                for method in Method.allCases {
                    let share = Double(tally.promoted[method] ?? 0) / Double(runs)
                    let isPromise = gain == 0 && method == .fledge
                    figures.append(
                        Figure(
                            bench: "false-promotion",
                            figure: gain == 0
                                ? "false promotions, base \(rate.formatted(decimals: 2))"
                                : "power at +\((gain * 100).formatted(decimals: 0)), base \(rate.formatted(decimals: 2))",
                            value: share, unit: "of runs", goal: isPromise ? .atMost(alpha) : nil, peer: method.peer,
                            settings: settings))
                }
                if gain > 0, let promoted = tally.promoted[.fledge], promoted > 0 {
                    figures.append(
                        Figure(
                            bench: "false-promotion",
                            figure:
                                "pairs until promoted at +\((gain * 100).formatted(decimals: 0)), base \(rate.formatted(decimals: 2))",
                            value: Double(tally.pairsUsed) / Double(promoted), unit: "of \(pairs)", settings: settings))
                }
            }
        }
        return figures
    }

    private static func tally(
        rate: Double, gain: Double, runs: Int, pairs: Int, seed: UInt64, _ cache: inout [McNemar: Double]
    ) -> Tally {
        var tally = Tally()
        func pBetter(_ test: McNemar) -> Double {
            if let known = cache[test] { return known }
            let pValue = test.pBetter
            cache[test] = pValue
            return pValue
        }
        for run in 0..<runs {
            var random = SplitMix64(seed: seed << 32 | UInt64(run))
            var betting = BettingTest(null: 0, range: -1...1)
            var counts = McNemar(wins: 0, losses: 0)
            var isPromoted = false
            var isPromotedNaively = false
            for pair in 1...pairs {
                let difficulty = random.nextUnit()
                let other = random.nextUnit() < 0.5 ? difficulty : random.nextUnit()
                let (champion, challenger) = (difficulty < rate, other < rate + gain)
                if challenger && !champion { counts.wins += 1 }
                if champion && !challenger { counts.losses += 1 }
                betting.add((challenger ? 1 : 0) - (champion ? 1 : 0))
                guard pair.isMultiple(of: block) else { continue }
                if !isPromoted, betting.pValue <= alpha {
                    isPromoted = true
                    tally.pairsUsed += pair
                }
                if !isPromotedNaively, pBetter(counts) < alpha { isPromotedNaively = true }
            }
            if isPromoted { tally.promoted[.fledge, default: 0] += 1 }
            if isPromotedNaively { tally.promoted[.naive, default: 0] += 1 }
            if pBetter(counts) <= alpha { tally.promoted[.fixed, default: 0] += 1 }
        }
        return tally
    }
}

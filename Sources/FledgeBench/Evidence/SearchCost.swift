import FledgeCore
import FledgeDocument
import Foundation

/// How near to the best of a matrix of scores a race comes with a fifth of the calls, and other rules beside it.
///
/// The recorded matrices hold what the packaged model answered; `References/record_search_matrix.py` made them, each of other
/// rows and other demonstrations. The race was tuned on the first two and on the synthetic ones, so those figures are
/// optimistic; the third was recorded to its end before anyone looked at it, and nothing was changed for it after. The
/// synthetic ones are drawn anew for each run, after the model of Rasch (1960): a candidate's ability against an example's
/// difficulty.
enum SearchCost {
    static let benchmark = Benchmark(name: "search-cost") { _ in
        // Not fewer with --quick: half as many runs can't tell 0.96 from 0.95.
        let runs = 400
        let recorded = try [
            ("recorded", PackageResources.lexical_category_matrix_json),
            ("recorded again", PackageResources.lexical_category_second_matrix_json),
            ("recorded last, nothing tuned on it", PackageResources.lexical_category_third_matrix_json),
        ].flatMap { name, json in
            let scores = try RecordedMatrix(json).scores
            return try figures(of: name, { _ in scores }, runs: runs)
        }
        let drawn: @Sendable (UInt64) -> ScoreMatrix = {
            ScoreMatrix.synthetic(candidates: 64, examples: 200, seed: $0)
        }
        return try recorded + figures(of: "synthetic", drawn, runs: runs)
    }

    private struct Rule: Sendable {
        /// Nil for Fledge itself.
        var peer: String?
        var pick: @Sendable (ScoreMatrix, UInt64) throws -> (winner: Int, calls: Int)
    }

    private static let share = 0.2
    private static let tolerance = 0.01

    private static let rules = [
        Rule(peer: nil, pick: race),
        Rule(peer: "successive halving, not paired", pick: halving),
        Rule(peer: "random search", pick: randomSearch),
        Rule(peer: "plain grid, fewer examples", pick: grid),
    ]

    private static func figures(of name: String, _ matrix: @Sendable (UInt64) -> ScoreMatrix, runs: Int) throws
        -> [Figure]
    {
        try rules.flatMap { rule -> [Figure] in
            var near = 0
            var loss = 0.0
            var calls = 0.0
            var size = (candidates: 0, examples: 0)
            for run in 0..<runs {
                let scores = matrix(UInt64(run))
                let picked = try rule.pick(scores, UInt64(run) &* 7919 &+ 1)
                let gap = (scores.means.max() ?? 0) - scores.means[picked.winner]
                if gap <= tolerance + 1e-9 { near += 1 }
                loss += gap
                size = (scores.candidates, scores.examples.count)
                calls = max(calls, Double(picked.calls) / Double(size.candidates * size.examples))
            }
            let settings = "\(name): \(size.candidates) candidates, \(size.examples) examples, \(runs) seeds"
            let isOwn = rule.peer == nil
            return [
                Figure(
                    bench: "search-cost", figure: "\(name): runs within 1 point of the best",
                    value: Double(near) / Double(runs), unit: "of runs", goal: isOwn ? .atLeast(0.95) : nil,
                    peer: rule.peer, settings: settings),
                Figure(
                    bench: "search-cost", figure: "\(name): calls, at most", value: calls, unit: "of exhaustive",
                    goal: isOwn ? .atMost(share) : nil, peer: rule.peer, settings: settings),
                Figure(
                    bench: "search-cost", figure: "\(name): points lost", value: 100 * loss / Double(runs),
                    unit: "points", peer: rule.peer, settings: settings),
            ]
        }
    }

    // MARK: Rules

    /// The race as the engine runs it, with the first candidate as the incumbent.
    private static func race(_ matrix: ScoreMatrix, seed: UInt64) throws -> (winner: Int, calls: Int) {
        let ids = (0..<matrix.candidates).map { Digest(of: "\($0)") }
        let place = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        let order = ExampleOrder.stratified(matrix.examples, seed: seed)
        let families = Dictionary(uniqueKeysWithValues: zip(ids, matrix.demonstrations))
        let race = Race(candidates: ids, kept: [ids[0]], examples: order.map(\.id), families: families)
        var scores: Race.Scores = [:]
        var calls = 0
        while true {
            switch try race.standing(scores).step {
            case .finished(let winner): return (place[winner] ?? 0, calls)
            case .score(let block):
                calls += block.count
                for call in block {
                    scores[call.candidate, default: [:]][call.example] = matrix.score(
                        place[call.candidate] ?? 0, call.example)
                }
            }
        }
    }

    /// Halves the field at every stage; each candidate sees examples of its own (Karnin, Koren and Somekh, ICML 2013).
    private static func halving(_ matrix: ScoreMatrix, seed: UInt64) -> (winner: Int, calls: Int) {
        var random = SplitMix64(seed: seed)
        let count = matrix.examples.count
        let budget = Int(share * Double(matrix.candidates * count))
        let stages = Int(log2(Double(matrix.candidates)).rounded(.up))
        let orders = (0..<matrix.candidates).map { _ in matrix.examples.map(\.id).shuffled(using: &random) }
        var alive = Array(0..<matrix.candidates)
        var seen = Array(repeating: 0, count: matrix.candidates)
        var totals = Array(repeating: 0.0, count: matrix.candidates)
        for _ in 0..<stages {
            let each = budget / stages / alive.count
            for candidate in alive {
                let end = min(count, seen[candidate] + each)
                for example in orders[candidate][seen[candidate]..<end] {
                    totals[candidate] += matrix.score(candidate, example)
                }
                seen[candidate] = end
            }
            alive.sort { totals[$0] / Double(max(1, seen[$0])) > totals[$1] / Double(max(1, seen[$1])) }
            alive = Array(alive.prefix((alive.count + 1) / 2))
        }
        return (alive[0], seen.reduce(0, +))
    }

    /// Scores as many candidates, drawn at random, on every example as the budget allows.
    private static func randomSearch(_ matrix: ScoreMatrix, seed: UInt64) -> (winner: Int, calls: Int) {
        var random = SplitMix64(seed: seed)
        let tried = Array(0..<matrix.candidates).shuffled(using: &random)
            .prefix(max(1, Int(share * Double(matrix.candidates))))
        let best = tried.max { matrix.means[$0] < matrix.means[$1] } ?? 0
        return (best, tried.count * matrix.examples.count)
    }

    /// Scores every candidate on the same few examples.
    private static func grid(_ matrix: ScoreMatrix, seed: UInt64) -> (winner: Int, calls: Int) {
        var random = SplitMix64(seed: seed)
        let examples = matrix.examples.shuffled(using: &random).prefix(Int(share * Double(matrix.examples.count)))
        let totals = (0..<matrix.candidates).map { one in examples.reduce(0) { $0 + matrix.score(one, $1.id) } }
        let best = totals.indices.max { (totals[$0], $1) < (totals[$1], $0) } ?? 0
        return (best, matrix.candidates * examples.count)
    }
}

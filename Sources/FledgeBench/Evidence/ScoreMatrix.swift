import FledgeCore
import Foundation

/// What each candidate would score on each example.
struct ScoreMatrix: Sendable {
    let examples: [Example]
    /// By candidate, then by the example's identifier.
    let rows: [[Double]]
    /// By candidate: how many demonstrations it shows, which is what its relatives share.
    let demonstrations: [Int]
    let means: [Double]

    var candidates: Int { rows.count }

    init(examples: [Example], rows: [[Double]], demonstrations: [Int]) {
        self.examples = examples
        self.rows = rows
        self.demonstrations = demonstrations
        means = rows.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
    }

    func score(_ candidate: Int, _ example: ExampleID) -> Double { rows[candidate][Int(example.rawValue)] }

    static func example(_ index: Int, expected: String) -> Example {
        Example(
            id: ExampleID(Int64(index)), row: index + 1, split: .prototype, group: "\(index)", inputs: [:],
            expected: expected)
    }

    /// A right answer has the odds exp(ability − difficulty + taste): abilities spread by 0.6, difficulties by 1.5, and what
    /// suits one candidate and not another by 1.
    static func synthetic(candidates: Int, examples: Int, seed: UInt64) -> ScoreMatrix {
        var random = SplitMix64(seed: seed &* 2 &+ 1)
        func normal() -> Double {
            let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random))).squareRoot()
            return radius * cos(2 * Double.pi * Double.random(in: 0..<1, using: &random))
        }
        let difficulties = (0..<examples).map { _ in 1.5 * normal() }
        let rows = (0..<candidates).map { _ in
            let ability = 0.6 * normal()
            return difficulties.map { difficulty in
                let odds = exp(ability - difficulty + normal())
                return Double.random(in: 0..<1, using: &random) < odds / (1 + odds) ? 1.0 : 0
            }
        }
        return ScoreMatrix(
            examples: (0..<examples).map { example($0, expected: "\($0)") }, rows: rows,
            demonstrations: Array(repeating: 0, count: candidates))
    }
}

/// The file that `References/record_search_matrix.py` writes.
struct RecordedMatrix: Decodable {
    struct Candidate: Decodable {
        var demonstrations: Int
        /// A digit an example: the place of the answer among the labels.
        var answers: String
    }

    var expected: String
    var candidates: [Candidate]

    init(_ json: [UInt8]) throws { self = try JSONDecoder().decode(RecordedMatrix.self, from: Data(json)) }

    var scores: ScoreMatrix {
        let right = Array(expected)
        return ScoreMatrix(
            examples: right.enumerated().map { ScoreMatrix.example($0.offset, expected: String($0.element)) },
            rows: candidates.map { zip($0.answers, right).map { $0 == $1 ? 1.0 : 0 } },
            demonstrations: candidates.map(\.demonstrations))
    }
}

import Foundation
import Testing

/// Values that SciPy and statsmodels give, and a plain Python version of the betting confidence sequence, made by `References/make_references.py`.
struct StatisticsReference: Decodable {
    var clopperPearson: [[Double]]
    var beta: [[Double]]
    var quantileRanks: [[Double?]]
    /// Wins, losses, exact two-sided, exact one-sided better and worse, mid-p two-sided.
    var mcnemar: [[Double]]
    /// p-values and adjusted p-values.
    var holm: [[[Double]]]
    var betting: [Betting]

    struct Betting: Decodable {
        var name: String
        var values: [Double]
        var alpha: Double
        var total: Int?
        /// After every tenth value.
        var bounds: [[Double]]
    }

    static func load() throws -> StatisticsReference {
        let url = try #require(
            Bundle.module.url(forResource: "statistics", withExtension: "json", subdirectory: "Resources"))
        return try JSONDecoder().decode(StatisticsReference.self, from: Data(contentsOf: url))
    }
}

import Foundation
import Testing

/// Values that SciPy gives, made by `References/make_references.py`.
struct StatisticsReference: Decodable {
    var clopperPearson: [[Double]]
    var beta: [[Double]]
    var quantileRanks: [[Double?]]

    static func load() throws -> StatisticsReference {
        let url = try #require(
            Bundle.module.url(forResource: "statistics", withExtension: "json", subdirectory: "Resources"))
        return try JSONDecoder().decode(StatisticsReference.self, from: Data(contentsOf: url))
    }
}

import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeServing
import FledgeTestKit
import Foundation
import Logging

/// The order in which an experiment asks the local model server: questions with the same beginning one after the other,
/// against the same questions shuffled.
enum PrefixOrder {
    static let benchmark = Benchmark(name: "prefix-order", run: run)

    private struct Cost: Sendable {
        var seconds: Double
        /// As the server reports them: those that it did not have in its cache.
        var promptTokens: Int
    }

    @Sendable private static func run(quick: Bool) async throws -> [Figure] {
        let logger = Logger(label: "fledge.bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = LocalModelServer(model: LocalModelServer.packagedModels[0], http: CurlClient(), logger: logger)
        let examples = quick ? 8 : 40
        var grouped: [Cost] = []
        var shuffled: [Cost] = []
        do {
            _ = try await cost(server, examples: 4, shuffledBy: nil)
            for round in 0..<(quick ? 1 : 3) {
                grouped.append(try await cost(server, examples: examples, shuffledBy: nil))
                shuffled.append(try await cost(server, examples: examples, shuffledBy: UInt64(round)))
            }
        } catch {
            await server.shutdown()
            throw error
        }
        await server.shutdown()
        return figures(
            grouped: grouped, shuffled: shuffled,
            settings:
                "\(LocalModelServer.packagedModels[0]) on this CPU, 8 prompts with 8 demonstrations each × \(examples) examples, 4 slots"
        )
    }

    private static func figures(grouped: [Cost], shuffled: [Cost], settings: String) -> [Figure] {
        func figure(_ name: String, _ value: Double, _ unit: String, goal: Bound? = nil, peer: String? = nil) -> Figure
        {
            Figure(
                bench: "prefix-order", figure: name, value: value, unit: unit, goal: goal, peer: peer,
                settings: settings)
        }
        let seconds = [grouped, shuffled].map { $0.map(\.seconds).median }
        let tokens = [grouped, shuffled].map { $0.map { Double($0.promptTokens) }.median }
        return [
            figure("wall time", seconds[0], "s"),
            figure("wall time", seconds[1], "s", peer: "shuffled"),
            figure("prompt tokens processed", tokens[0], "tokens"),
            figure("prompt tokens processed", tokens[1], "tokens", peer: "shuffled"),
            figure("wall time ÷ shuffled", seconds[0] / seconds[1], ""),
            figure("prompt tokens ÷ shuffled", tokens[0] / tokens[1], ""),
        ]
    }

    private static func cost(_ server: LocalModelServer, examples: Int, shuffledBy seed: UInt64?) async throws -> Cost {
        try await DurableServer.fixture.withDatabase { pool in
            var field = try await ExperimentField.make(
                pool: pool, candidates: 8, examples: examples, model: LocalModelServer.packagedModels[0])
            field.demonstrate(8)
            let start = ContinuousClock.now
            let experiment = try await field.score(with: server, shuffledBy: seed)
            let seconds = start.duration(to: .now) / .seconds(1)
            let samples = try await field.store.samples(of: experiment)
            guard samples.count == field.calls else {
                throw FledgeError("bench.lost", "not every call's sample is in the database")
            }
            return Cost(seconds: seconds, promptTokens: samples.reduce(0) { $0 + $1.promptTokens - $1.cachedTokens })
        }
    }
}

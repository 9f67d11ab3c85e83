import CurlClient
import FledgeCore
import FledgeDocument
import FledgeServing
import FledgeTestKit
import Foundation
import Logging

/// Prompt search against DSPy's few-shot random search: the same model server, the same splits, real data.
///
/// On each of several drawn splits DSPy goes first; Fledge may spend at most 0.35 of the calls that it made. Both see the
/// prototype split, and what each of them chooses answers the same holdout once. What one draw of the rows favours by chance
/// is told from what holds by the spread of the splits.
enum PeerSearch {
    static let benchmark = Benchmark(name: "peer-search", needsPeer: true, run: run)

    /// The share of the peer's calls that Fledge may spend.
    private static let share = 0.35

    private struct PeerTask: Encodable {
        struct Row: Encodable {
            var text: String
            var label: String
        }

        var base_url: String
        var api_key: String
        var model: String
        var instruction: String
        var labels: [String]
        var prototype: [Row]
        var holdout: [Row]
        var programs: Int
        var demonstrations: Int
        var seed: Int
        var threads: Int
    }

    private struct PeerAnswer: Decodable, Sendable {
        var calls: Int
        var prototype_score: Double
        var right: [Bool]
    }

    private static let model = "smollm2-135m-instruct"
    private static let instruction = "Name the category of a word from its dictionary gloss."
    private static let demonstrations = 8

    /// What the three chose on one split, and how it did on the holdout.
    private struct Split: Sendable {
        var fledge: EngineRun.Outcome
        var peer: PeerAnswer
        var plain: EngineRun.Outcome

        /// How much more of the holdout Fledge's choice has right than the peer's.
        var gain: Double { PeerSearch.accuracy(fledge.right) - PeerSearch.accuracy(peer.right) }
    }

    @Sendable private static func run(quick: Bool) async throws -> [Figure] {
        let programs = quick ? 2 : 13
        let splits = (1...(quick ? 2 : 3)).map {
            SplitDefinition(prototype: quick ? 60 : 120, holdout: quick ? 60 : 200, seed: UInt64($0))
        }
        let logger = Logger(label: "fledge.bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = LocalModelServer(model: model, http: CurlClient(), logger: logger)
        let measured: [Split]
        do { measured = try await measure(splits, programs: programs, on: server) } catch {
            await server.shutdown()
            throw error
        }
        await server.shutdown()
        let settings =
            "\(model), lexical-category, \(splits.count) splits of \(splits[0].prototype) prototype and "
            + "\(splits[0].holdout) holdout rows, at most \(demonstrations) demonstrations, peer with \(programs) random "
            + "programs; fledge and dspy on each split: "
            + measured.map {
                "\(accuracy($0.fledge.right).formatted(decimals: 3)) (\($0.fledge.candidate)) and "
                    + accuracy($0.peer.right).formatted(decimals: 3)
            }.joined(separator: ", ")
        return figures(measured, settings: settings)
    }

    private static func measure(_ splits: [SplitDefinition], programs: Int, on server: LocalModelServer) async throws
        -> [Split]
    {
        var measured: [Split] = []
        let start = ContinuousClock.now
        for split in splits {
            let next = try await measure(split, programs: programs, on: server)
            measured.append(next)
            Progress.say(
                "peer-search: fledge \(accuracy(next.fledge.right).formatted(decimals: 3)) with \(next.fledge.calls) calls, "
                    + "dspy \(accuracy(next.peer.right).formatted(decimals: 3)) with \(next.peer.calls); "
                    + Progress.rate(measured.count, of: splits.count, "splits", since: start))
        }
        return measured
    }

    private static func measure(_ split: SplitDefinition, programs: Int, on server: LocalModelServer) async throws
        -> Split
    {
        try await TemporaryDirectory.with { directory in
            let data = URL(filePath: "workflows/data/lexical-category.jsonl")
            try FileManager.default.copyItem(at: data, to: URL(filePath: directory + "/data.jsonl"))
            let engine = EngineRun(server: server, directory: directory)
            // A run of the plain prompt alone deals the rows: the peer gets the very splits that Fledge uses.
            let plain = try await engine.search(definition(split: split))
            let peer = try await PeerScript(peer: "dspy", script: "few_shot_search.py").run(
                PeerTask(
                    base_url: try await server.baseURL(), api_key: try await server.key(), model: model,
                    instruction: instruction,
                    labels: Set(plain.prototype.map(\.expected) + plain.holdout.map(\.expected)).sorted(),
                    prototype: rows(plain.prototype), holdout: rows(plain.holdout), programs: programs,
                    demonstrations: demonstrations, seed: Int(split.seed), threads: 4),
                in: directory, as: PeerAnswer.self, timeout: .seconds(7200))
            let calls = Int(Double(peer.calls) * share)
            let fledge = try await engine.search(definition(split: split, sets: programs, calls: calls))
            return Split(fledge: fledge, peer: peer, plain: plain)
        }
    }

    private static func rows(_ examples: [Example]) -> [PeerTask.Row] {
        examples.map { PeerTask.Row(text: $0.inputs["gloss"] ?? "", label: $0.expected) }
    }

    /// - Parameters:
    ///   - sets: how many sets of demonstrations are tried, as many as the peer tries, and no larger; 0 for the plain prompt.
    ///   - calls: the search's budget.
    private static func definition(split: SplitDefinition, sets: Int = 0, calls: Int? = nil) -> UseCaseDefinition {
        let plain = PromptDefinition(name: "plain", system: instruction, user: "{{gloss}}")
        let shown = PromptDefinition(
            name: "shown", system: instruction, user: "{{gloss}}", demonstrations: demonstrations)
        return UseCaseDefinition(
            name: "bench", purpose: "Compare searches.", owner: "bench",
            dataset: DatasetDefinition(
                path: "data.jsonl", inputs: ["gloss"], expected: "category", group: "lemma", split: split),
            models: [ModelDefinition(name: model, endpoint: .local)],
            promptPrototype: PromptPrototypeDefinition(
                prompts: sets > 0 ? [plain, shown] : [plain],
                decoding: DecodingDefinition(maxTokens: 8, choices: .labels), rounds: RoundsDefinition(maximum: 1),
                budget: calls.map { BudgetDefinition(calls: $0) },
                search: sets > 0
                    ? SearchDefinition(strategies: [
                        .grid, .edits, .demonstrations(DemonstrationSearch(sets: sets, sizes: [demonstrations])),
                    ]) : nil),
            validation: ValidationDefinition(
                require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.9))], holdoutLooks: 1),
            production: ProductionDefinition(approval: .automatic))
    }

    private static func accuracy(_ right: [Bool]) -> Double {
        Double(right.count { $0 }) / Double(max(1, right.count))
    }

    private static func figures(_ splits: [Split], settings: String) -> [Figure] {
        var figures: [Figure] = []
        func add(_ figure: String, _ value: Double, _ unit: String = "", goal: Bound? = nil, peer: String? = nil) {
            figures.append(
                Figure(
                    bench: "peer-search", figure: figure, value: value, unit: unit, goal: goal, peer: peer,
                    settings: settings))
        }
        let answers = [
            (nil, splits.flatMap(\.fledge.right)), ("dspy", splits.flatMap(\.peer.right)),
            ("plain prompt", splits.flatMap(\.plain.right)),
        ]
        for (peer, right) in answers { add("holdout accuracy", accuracy(right), peer: peer) }
        let calls = splits.reduce(0) { $0 + $1.fledge.calls }
        let peerCalls = splits.reduce(0) { $0 + $1.peer.calls }
        add("search calls", Double(calls) / Double(splits.count), "calls a split")
        add("search calls", Double(peerCalls) / Double(splits.count), "calls a split", peer: "dspy")
        let gains = splits.map(\.gain)
        let bounds = Bounds.student(gains, alpha: 0.025)
        add("accuracy above the peer's", gains.reduce(0, +) / Double(gains.count), goal: .atLeast(0))
        add("accuracy above the peer's, lower bound, 95%", bounds.lower)
        add("accuracy above the peer's, upper bound, 95%", bounds.upper)
        add("share of the peer's calls", Double(calls) / Double(peerCalls), goal: .atMost(share))
        return figures
    }
}

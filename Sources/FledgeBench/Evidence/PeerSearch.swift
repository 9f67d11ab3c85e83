import CurlClient
import FledgeCore
import FledgeDocument
import FledgeServing
import FledgeTestKit
import Foundation
import Logging

/// Prompt search against DSPy's few-shot random search: the same model server, the same splits, real data.
///
/// DSPy goes first; Fledge may spend at most 0.35 of the calls that it made. Both see the prototype split, and what each
/// of them chooses answers the same holdout once.
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

    @Sendable private static func run(quick: Bool) async throws -> [Figure] {
        let programs = quick ? 2 : 13
        let split = SplitDefinition(prototype: quick ? 60 : 120, holdout: quick ? 60 : 200, seed: 7)
        let logger = Logger(label: "fledge.bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = LocalModelServer(model: model, http: CurlClient(), logger: logger)
        let measured = try await TemporaryDirectory.with { directory in
            let data = URL(filePath: "workflows/data/lexical-category.jsonl")
            try FileManager.default.copyItem(at: data, to: URL(filePath: directory + "/data.jsonl"))
            let engine = EngineRun(server: server, directory: directory)
            // A run of the plain prompt alone deals the rows: the peer gets the very splits that Fledge uses.
            let plain = try await engine.search(definition(split: split, calls: nil, searches: false))
            let peer = try await PeerScript(peer: "dspy", script: "few_shot_search.py").run(
                PeerTask(
                    base_url: try await server.baseURL(), model: model, instruction: instruction,
                    labels: Set(plain.prototype.map(\.expected) + plain.holdout.map(\.expected)).sorted(),
                    prototype: rows(plain.prototype), holdout: rows(plain.holdout), programs: programs,
                    demonstrations: demonstrations, seed: 1, threads: 4),
                in: directory, as: PeerAnswer.self, timeout: .seconds(7200))
            let calls = Int(Double(peer.calls) * share)
            let fledge = try await engine.search(definition(split: split, calls: calls, searches: true))
            return figures(
                fledge: fledge, peer: peer, plain: plain,
                settings: "\(model), lexical-category, \(split.prototype) prototype and \(split.holdout) holdout rows, "
                    + "peer with \(programs) random programs, \(demonstrations) demonstrations")
        }
        await server.shutdown()
        return measured
    }

    private static func rows(_ examples: [Example]) -> [PeerTask.Row] {
        examples.map { PeerTask.Row(text: $0.inputs["gloss"] ?? "", label: $0.expected) }
    }

    private static func definition(split: SplitDefinition, calls: Int?, searches: Bool) -> UseCaseDefinition {
        let plain = PromptDefinition(name: "plain", system: instruction, user: "{{gloss}}")
        let shown = PromptDefinition(
            name: "shown", system: instruction, user: "{{gloss}}", demonstrations: demonstrations)
        return UseCaseDefinition(
            name: "bench", purpose: "Compare searches.", owner: "bench",
            dataset: DatasetDefinition(
                path: "data.jsonl", inputs: ["gloss"], expected: "category", group: "lemma", split: split),
            models: [ModelDefinition(name: model, endpoint: .local)],
            promptPrototype: PromptPrototypeDefinition(
                prompts: searches ? [plain, shown] : [plain],
                decoding: DecodingDefinition(maxTokens: 8, choices: .labels), rounds: RoundsDefinition(maximum: 1),
                budget: calls.map { BudgetDefinition(calls: $0) },
                search: searches
                    ? SearchDefinition(strategies: [
                        .grid, .edits,
                        // No more of them than the peer may show.
                        .demonstrations(DemonstrationSearch(sets: 4, sizes: [demonstrations / 2, demonstrations])),
                    ]) : nil),
            validation: ValidationDefinition(
                require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.9))], holdoutLooks: 1),
            production: ProductionDefinition(approval: .automatic))
    }

    private static func figures(
        fledge: EngineRun.Outcome, peer: PeerAnswer, plain: EngineRun.Outcome, settings: String
    ) -> [Figure] {
        func accuracy(_ right: [Bool]) -> Double { Double(right.count { $0 }) / Double(max(1, right.count)) }
        func bounds(_ right: [Bool]) -> Bounds {
            Bounds.clopperPearson(successes: right.count { $0 }, trials: right.count, alpha: 0.025)
        }
        let test = McNemar(zip(fledge.right, peer.right).map { ($0, $1) })
        let settings =
            settings + "; fledge chose \(fledge.candidate); exact McNemar, two-sided: p = "
            + test.pDifferent.formatted(decimals: 3)
        var figures: [Figure] = []
        func add(_ figure: String, _ value: Double, _ unit: String = "", goal: Bound? = nil, peer: String? = nil) {
            figures.append(
                Figure(
                    bench: "peer-search", figure: figure, value: value, unit: unit, goal: goal, peer: peer,
                    settings: settings))
        }
        for (name, right) in [("fledge", fledge.right), ("dspy", peer.right), ("plain prompt", plain.right)] {
            let peer = name == "fledge" ? nil : name
            add("holdout accuracy", accuracy(right), peer: peer)
            add("lower bound, 95%", bounds(right).lower, peer: peer)
            add("upper bound, 95%", bounds(right).upper, peer: peer)
        }
        add("search calls", Double(fledge.calls), "calls")
        add("search calls", Double(peer.calls), "calls", peer: "dspy")
        add("accuracy above the peer's", accuracy(fledge.right) - accuracy(peer.right), goal: .atLeast(0))
        add("share of the peer's calls", Double(fledge.calls) / Double(peer.calls), goal: .atMost(share))
        return figures
    }
}

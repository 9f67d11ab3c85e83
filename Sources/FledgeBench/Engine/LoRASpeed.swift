import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import FledgeTraining
import Foundation
import Logging
import ManagedProcess

/// LoRA training: Fledge's trainer against a plain TRL script, on the same weights and rows with the same settings.
enum LoRASpeed {
    static let benchmark = Benchmark(name: "lora", run: run)

    private struct PeerTask: Encodable {
        var job: String
        var weights: String
    }

    private struct Trained: Decodable, Sendable {
        var seconds: Double
        var tokens: Double
        var validation_loss: Double
        var cpu_seconds: Double
    }

    private struct Event: Decodable {
        var event: String
        var elapsedSeconds: Double?
        var validationLoss: Double?
        var step: Int?
        var steps: Int?
        var message: String?
    }

    private struct Row: Decodable {
        var gloss: String
        var category: String
    }

    /// A short run has no peer to compare with, and would have to install the trainer: it is left out.
    @Sendable private static func run(quick: Bool) async throws -> [Figure] {
        if quick { return [] }
        let logger = Logger(label: "fledge.bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let cache = URL(filePath: StatePaths.current().cache, directoryHint: .isDirectory)
        let server = LocalModelServer(
            model: LocalModelServer.packagedModels[0], cache: cache, http: CurlClient(), logger: logger)
        let weights: BaseWeights
        do { weights = try await server.weights() } catch {
            await server.shutdown()
            throw error
        }
        await server.shutdown()
        let trainer = TrainerInstallation(cacheDirectory: cache)
        let installed = try await trainer.prepare { logger.info("\($0)") }
        return try await TemporaryDirectory.with { directory in
            let job = directory + "/job.json"
            let specification = try specification(weights)
            try JSONEncoder().encode(specification).write(to: URL(filePath: job))
            let folder = trainer.weightsCache.appending(path: "weights-\(weights.sha256.rawValue.prefix(16))")
            var own: [Trained] = []
            var peer: [Trained] = []
            for round in 0..<3 {
                own.append(
                    try await fledge(installed, job: job, output: directory + "/output-\(round)", trainer: trainer))
                peer.append(
                    try await PeerScript(peer: "trl", script: "train.py").run(
                        PeerTask(job: job, weights: folder.path), as: Trained.self, timeout: .seconds(3600)))
            }
            // The peer counts the tokens of the rows, for both: without padding.
            let tokens = peer[0].tokens
            return figures(
                own: own.map {
                    Trained(
                        seconds: $0.seconds, tokens: tokens, validation_loss: $0.validation_loss,
                        cpu_seconds: $0.cpu_seconds)
                },
                peer: peer,
                settings: "smollm2-135m-instruct, lexical-category, \(specification.rows.count) rows × "
                    + "\(specification.lora.epochs) epochs, \(specification.validationRows.count) held back and looked at twice "
                    + "an epoch, rank \(specification.lora.rank), batches of \(specification.lora.batchSize), "
                    + "bf16 (fp32 without it), upper half "
                    + "of the layers; tokens of the rows, without padding, over the time of the training loop")
        }
    }

    private static func figures(own: [Trained], peer: [Trained], settings: String) -> [Figure] {
        var figures: [Figure] = []
        func add(_ figure: String, _ value: Double, _ unit: String = "", goal: Bound? = nil, peer: String? = nil) {
            figures.append(
                Figure(
                    bench: "lora", figure: figure, value: value, unit: unit, goal: goal, peer: peer, settings: settings)
            )
        }
        let rates = [own, peer].map { $0.map { $0.tokens / $0.seconds }.median }
        let losses = [own, peer].map { $0.map(\.validation_loss).median }
        for (index, name) in [nil, "trl"].enumerated() {
            add("training", rates[index], "tokens/s", peer: name)
            add("validation loss", losses[index], peer: name)
        }
        let cpu = [own, peer].map { $0.map { $0.tokens / $0.cpu_seconds }.median }
        add("training, loading included", cpu[0], "tokens/CPU s")
        add("training, loading included", cpu[1], "tokens/CPU s", peer: "trl")
        add("tokens/s ÷ trl", rates[0] / rates[1], goal: .atLeast(1.3))
        // Seeds of one and the same setting differ by about as much.
        add("validation loss above trl's", losses[0] - losses[1], goal: .atMost(0.05))
        return figures
    }

    private static func specification(_ weights: BaseWeights) throws -> TrainingSpec {
        let text = try String(contentsOf: URL(filePath: "workflows/data/lexical-category.jsonl"), encoding: .utf8)
        let rows = try text.split(separator: "\n").prefix(240).map { line in
            let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
            return TrainingRow(
                messages: [
                    ChatMessage(role: .system, content: "Name the category of a word from its dictionary gloss."),
                    ChatMessage(role: .user, content: row.gloss),
                ], completion: row.category)
        }
        return TrainingSpec(
            baseWeights: weights,
            lora: LoRADefinition(epochs: 1, layers: .upperHalf), limitSeconds: 3600, rows: Array(rows.prefix(200)),
            validationRows: Array(rows.dropFirst(200)), golden: [], maximumTokens: 8)
    }

    private static func fledge(
        _ installed: TrainerInstallation.Installed, job: String, output: String, trainer: TrainerInstallation
    ) async throws -> Trained {
        let before = CPUTime.reapedChildren
        let result = try await Command(
            installed.python.path,
            ["-B", installed.script.path, job, "--output", output, "--cache", trainer.weightsCache.path]
                + installed.options,
            environment: ["PYTHONUNBUFFERED": "1"]
        ).run(timeout: .seconds(3600))
        let events = try result.output.split(separator: "\n").map {
            try JSONDecoder().decode(Event.self, from: Data($0.utf8))
        }
        guard result.exit.isSuccess, let last = events.last(where: { $0.event == "progress" }),
            let seconds = last.elapsedSeconds, last.step == last.steps,
            let loss = events.compactMap(\.validationLoss).last
        else {
            throw FledgeError("bench.training_failed", "the trainer: \(result.errorOutput.suffix(400))")
        }
        return Trained(
            seconds: seconds, tokens: 0, validation_loss: loss, cpu_seconds: CPUTime.reapedChildren - before)
    }
}

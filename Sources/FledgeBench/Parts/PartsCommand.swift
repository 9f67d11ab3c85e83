import ArgumentParser
import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import FledgeTraining
import Foundation
import Logging

/// Tries a real model server: what Fledge needs of it, and adapters that are planted in the right one's place.
struct PartsCommand: AsyncParsableCommand {
    enum Part: String, ExpressibleByArgument, CaseIterable {
        case llama, mlx, vllm
        /// llama.cpp with the packaged weights as they come, in 4 bits.
        case llama4bit = "llama-4bit"
    }

    static let configuration = CommandConfiguration(
        commandName: "parts", abstract: "Tries a real model server, with real adapters (see Tests/Parts/run).")

    @Argument(help: "llama, llama-4bit, mlx or vllm.") var part: Part
    @Option(help: "The base of its API, as http://127.0.0.1:8000/v1; llama is started here.") var url: String?
    @Option(help: "The model's name there.") var model = PackagedModels.names[0]
    @Option(help: "Where trainings and adapters are kept.") var folder: String
    @Flag(help: "Prepare the weights and adapters, print where all lies as a line of JSON, and try nothing.")
    var prepare = false

    /// What scripts beside this command work with.
    private struct Prepared: Encodable {
        /// The packaged weights as a folder.
        var weights: String
        /// The packaged weights as training jobs name them.
        var base: BaseWeights
        var python: String
        var trainer: String
        /// Where the trainer keeps weights.
        var cache: String
    }

    func run() async throws {
        let work = URL(filePath: folder, directoryHint: .isDirectory)
        let cache = URL(filePath: StatePaths.current().cache, directoryHint: .isDirectory)
        let logger = Logger(label: "fledge.parts", factory: { _ in SwiftLogNoOpLogHandler() })
        let catalog = ServingCatalog(cache: cache, logger: logger)
        do {
            let weights = try await catalog.weights(
                of: ModelDefinition(name: PackagedModels.names[0], endpoint: .local))
            let jobs = work.appending(path: "jobs", directoryHint: .isDirectory)
            let planted = try await PlantedAdapters(
                trainedBy: LocalExecutor(jobsDirectory: jobs.path, cacheDirectory: cache.path, logger: logger),
                jobs: jobs, on: weights
            ) { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
            if prepare {
                let trainer = TrainerInstallation(cacheDirectory: cache)
                let installed = try await trainer.prepare { _ in }
                let folder = trainer.weightsCache.appending(path: "weights-\(weights.sha256.rawValue.prefix(16))")
                let prepared = Prepared(
                    weights: folder.path, base: weights, python: installed.python.path, trainer: installed.script.path,
                    cache: trainer.weightsCache.path)
                print(String(decoding: try JSONEncoder().encode(prepared), as: UTF8.self))
            } else {
                try await check(
                    PartTrial(
                        catalog: catalog, model: try definition(work, weights), planted: planted,
                        scoresAnswers: part == .vllm))
            }
        } catch {
            await catalog.shutdown()
            throw error
        }
        await catalog.shutdown()
    }

    private func definition(_ work: URL, _ weights: BaseWeights) throws -> ModelDefinition {
        let shared = AdapterFolder(path: work.appending(path: "shared").path)
        switch part {
        case .llama: return ModelDefinition(name: PackagedModels.names[0], endpoint: .local)
        case .llama4bit:
            return ModelDefinition(
                name: PackagedModels.names[0], endpoint: .localWeights(.gguf(file: weights.path), gpuLayers: nil))
        case .mlx, .vllm: break
        }
        guard let url else { throw ValidationError("--url names the server") }
        return ModelDefinition(
            name: model, endpoint: .adapterServer(part == .mlx ? .mlxLM : .vLLM, url: url, key: nil, adapters: shared))
    }

    /// A line that is seen at once: a trial takes minutes.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// - Throws: `ExitCode(3)` where one fails.
    private func check(_ trial: PartTrial) async throws {
        var failed = 0
        var checks = part == .llama4bit ? [] : trial.ofModelServers(holdsToChoices: part != .mlx)
        checks += trial.ofAdapters
        if let url, part == .vllm { checks += trial.ofSlots(url: url) }
        for check in checks {
            do {
                let seen = try await check.run()
                Self.say("ok      \(check.name)\(seen.map { " (\($0))" } ?? "")")
            } catch {
                failed += 1
                Self.say("FAILED  \(check.name): \(error)")
            }
        }
        Self.say("\(checks.count - failed) passed, \(failed) failed")
        if failed > 0 { throw ExitCode(3) }
    }
}

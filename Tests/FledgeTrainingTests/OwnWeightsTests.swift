import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import FledgeTraining
import Foundation
import ManagedProcess
import Testing

/// Folders as the Hugging Face hub has them, on the real trainer and the real local server: nothing knows their names.
@Suite("Weights of one's own", .serialized)
struct OwnWeightsTests {
    private static let trainer = TrainerInstallation(cacheDirectory: URL(filePath: TrainingJob.cache))

    private static func catalog() -> ServingCatalog {
        let cache = URL(filePath: TrainingJob.cache)
        return ServingCatalog(
            cache: cache, converter: LlamaCppConverter(cacheDirectory: cache), logger: TrainingJob.logger)
    }

    private static func model(_ folder: String) -> ModelDefinition {
        ModelDefinition(
            name: "own",
            endpoint: .localWeights(.huggingFace(folder: folder, repository: "team/own", revision: nil), gpuLayers: nil)
        )
    }

    /// The packaged weights written out as a folder.
    private static func packagedFolder() async throws -> String {
        let catalog = TrainingJob.catalog()
        let weights = try await catalog.weights(of: TrainingJob.model)
        await catalog.shutdown()
        let installed = try await trainer.prepare { _ in }
        let program = """
            import sys
            import weights
            print(weights.folder_of({"path": sys.argv[1], "sha256": sys.argv[2]}, sys.argv[3]))
            """
        let result = try await python(
            installed, ["-c", program, weights.path, weights.sha256.rawValue, trainer.weightsCache.path])
        return try #require(result.split(separator: "\n").last.map(String.init))
    }

    /// A small model of that kind with random weights.
    private static func randomFolder(_ kind: String, in directory: String) async throws -> String {
        let installed = try await trainer.prepare { _ in }
        let folder = "\(directory)/\(kind)"
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/served.py").path
        _ = try await python(installed, [script, folder, kind, try await packagedFolder()])
        // safetensors' own writer lets nobody else read, and under root it is others who train and serve.
        let opened = try await Command("chmod", ["-R", "a+rX", folder]).run()
        try #require(opened.exit.isSuccess, "\(opened.errorOutput)")
        return folder
    }

    private static func python(
        _ installed: TrainerInstallation.Installed, _ arguments: [String]
    ) async throws -> String {
        let result = try await Command(
            installed.python.path, ["-B"] + arguments,
            environment: ["PYTHONPATH": installed.script.deletingLastPathComponent().path, "PYTHONWARNINGS": "ignore"]
        ).run(timeout: .seconds(300))
        try #require(result.exit.isSuccess, "\(result.errorOutput.suffix(2000))")
        return result.output
    }

    private func answers(_ server: any ModelServer, adapter: AdapterDigest?) async throws -> [String] {
        var texts: [String] = []
        for prompt in TrainingJob.golden {
            texts.append(
                try await server.complete(
                    CompletionRequest(
                        model: "own", adapter: adapter, messages: prompt.messages,
                        decoding: DecodingDefinition(maxTokens: 8, seed: 1), choices: prompt.choices)
                ).text)
        }
        return texts
    }

    @Test(
        "a folder is converted, served, trained on and served with its adapter",
        arguments: ["packaged", "llama", "qwen2", "gemma"])
    func wholeWay(_ kind: String) async throws {
        try await TrainingJob.withDirectory { directory in
            let folder =
                kind == "packaged" ? try await Self.packagedFolder() : try await Self.randomFolder(kind, in: directory)
            let catalog = Self.catalog()
            let model = Self.model(folder)
            let weights = try await catalog.weights(of: model)
            #expect(weights.path == folder && weights.repository == "team/own")
            #expect(try await catalog.baseDigest(of: model) == weights.sha256)

            let executor = TrainingJob.executor(in: directory)
            let specification = TrainingJob.specification(of: weights, epochs: kind == "packaged" ? 1 : 4)
            let job = try await executor.submit(specification, intent: "own-weights")
            var follower = Follower(executor, job)
            #expect(try await follower.untilEnd())
            guard case .finished(let made, let trained, let baseAnswers, _, _, _) = follower.state else {
                Issue.record("the job ended as \(follower.state); it said: \(follower.log)")
                return
            }
            let store = FileArtifactStore(directory: directory + "/artifacts")
            let facts = try await store.store(
                adapterAt: made, expecting: ExpectedAdapter(rank: 4, alpha: 8, baseSHA256: weights.sha256))
            let stored = try await store.directory(of: facts.digest)
            let configuration = try String(contentsOfFile: stored + "/adapter_config.json", encoding: .utf8)
            #expect(configuration.contains("\"team/own\""))

            let server = try await catalog.server(
                for: model, adapters: [ServedAdapter(digest: facts.digest, directory: stored)])
            #expect(try await server.revision(of: "own") == "sha256:\(weights.sha256);q8_0")
            let served = try await answers(server, adapter: facts.digest)
            #expect(zip(served, trained).count { $0 != $1 } <= 1, "served \(served), trained \(trained)")
            #expect(trained == Array(repeating: "cedar", count: trained.count))
            if kind == "packaged" {
                let base = try await answers(server, adapter: nil)
                #expect(zip(base, try #require(baseAnswers)).count { $0 != $1 } <= 1)
                #expect(base != served)
            }
            await catalog.shutdown()
        }
    }

    @Test("a tokenizer that llama.cpp does not know is refused, with where else the model can be served")
    func unknownTokenizer() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = try await Self.randomFolder("foreign", in: directory)
            let catalog = Self.catalog()
            let error = await #expect(throws: FledgeError.self) {
                _ = try await catalog.server(for: Self.model(folder), adapters: [])
            }
            #expect(error?.code == "model.not_convertible" && error?.hint?.contains("vLLM") == true)
            #expect(error?.message.contains("pre-tokenizer") == true)
            await catalog.shutdown()
        }
    }
}

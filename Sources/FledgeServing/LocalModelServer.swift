import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Logging
import ManagedProcess

/// A llama.cpp server with a packaged model or with weights of the user's, started and supervised here, in a sandbox.
///
/// The server can't take a new adapter while it runs, so it is started anew when one is asked for; calls that this
/// cuts off are made again.
package actor LocalModelServer: ModelServer {
    package static let packagedModels = PackagedModels.names

    package struct Settings: Sendable {
        /// Answers made at the same time. On two cores, more than four gained nothing and cost memory.
        package var slots = 4
        /// Tokens of each slot.
        package var context = 4096
        package var startTimeout: Duration = .seconds(120)
        /// How often it is looked at where the server listens.
        package var watch: Duration = .seconds(5)
        /// Layers that are kept on a GPU; nil for none.
        package var gpuLayers: GPULayers?
        package init() {}
    }

    /// The user's weights and what makes them ready to be served.
    package struct OwnWeights: Sendable {
        package var definition: WeightsDefinition
        package var converter: (any WeightsConverter)?

        package init(_ definition: WeightsDefinition, converter: (any WeightsConverter)?) {
            self.definition = definition
            self.converter = converter
        }
    }

    private struct Running: Sendable {
        var process: ManagedProcess
        var base: String
        /// What calls are let in by: anybody on this machine could come to its port.
        var key: String
        var weights: BaseWeights
        var adapters: [AdapterDigest]
    }

    package let model: String
    private let ownWeights: OwnWeights?
    private let cache: URL
    private let settings: Settings
    private let client: ChatClient
    private let logger: Logger
    private let progress: @Sendable (String) -> Void
    private let limit: AdaptiveLimit
    private var wanted: [AdapterDigest: String] = [:]
    private var current: (number: Int, task: Task<Running, any Error>)?
    private var starts = 0
    private var crashes = 0
    private var isShutDown = false

    package init(
        model: String, weights: OwnWeights? = nil,
        cache: URL = URL(filePath: StatePaths.current().cache, directoryHint: .isDirectory),
        settings: Settings = Settings(), http: CurlClient,
        logger: Logger, progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.model = model
        ownWeights = weights
        self.cache = cache
        self.settings = settings
        // No more than the slots: a question that waits at the server would have the wait in its latency.
        limit = AdaptiveLimit(slots: settings.slots)
        client = ChatClient(http: http, retries: RetryPolicy(attempts: 2), timeout: .seconds(180))
        self.logger = logger
        self.progress = progress
    }

    package var concurrency: Int { settings.slots }

    /// Makes sure that these adapters are loaded, besides those that are already.
    package func load(_ adapters: [ServedAdapter]) async throws {
        for adapter in adapters {
            let file = URL(filePath: adapter.directory).appending(path: "adapter.gguf").path
            guard FileManager.default.fileExists(atPath: file) else {
                throw FledgeError(
                    "model.adapter_missing", "the adapter \(adapter.digest.rawValue.prefix(12)) has no adapter.gguf",
                    place: adapter.directory, hint: "Run the training again, or restore the artifact store.")
            }
            wanted[adapter.digest] = file
        }
        _ = try await running()
    }

    /// What a question shares with the others of its candidate: the adapter, and all messages but the last.
    private static func prefix(of request: CompletionRequest) -> Digest {
        struct Prefix: Encodable {
            var adapter: AdapterDigest?
            var messages: [ChatMessage]
        }
        let shared = Prefix(adapter: request.adapter, messages: Array(request.messages.dropLast()))
        return Digest(of: CanonicalJSON.text(of: shared))
    }

    package func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        guard request.model == model else { throw ModelFailure.unknown(request.model) }
        var attempt = 0
        while true {
            attempt += 1
            let server = try await running()
            if let adapter = request.adapter, !server.adapters.contains(adapter) {
                throw ModelFailure.unknownAdapter(adapter)
            }
            let scales = server.adapters.enumerated().map {
                ChatBody.LoRAScale(id: $0.offset, scale: $0.element == request.adapter ? 1 : 0)
            }
            do {
                let completion = try await client.complete(
                    request,
                    at: .init(
                        address: ServerAddress(base: server.base, given: server.key), dialect: .llamaCpp,
                        servedName: model, lora: scales, prefix: Self.prefix(of: request)),
                    limit: limit, attempts: attempts)
                crashes = 0
                return completion
            } catch let error as FledgeError where error.code == .modelUnreachable && attempt < 5 {
                // The server was replaced or has died: the next turn finds or starts its successor.
                logger.debug("local model server lost a call", metadata: ["attempt": "\(attempt)"])
            }
        }
    }

    /// The base URL of its API, as `http://127.0.0.1:PORT/v1`; starts it where it is not running.
    package func baseURL() async throws -> String { try await running().base }

    /// What its API wants as bearer; another with every start.
    package func key() async throws -> String { try await running().key }

    /// The digest of the weights, and how their matrices were rewritten for serving.
    package func revision(of model: String) async throws -> String {
        guard model == self.model else { throw ModelFailure.unknown(model) }
        return "sha256:\(try await running().weights.sha256)" + (isRewritten ? ";q8_0" : "")
    }

    /// A GGUF file of the user's is served as it is.
    private var isRewritten: Bool {
        if case .gguf? = ownWeights?.definition { false } else { true }
    }

    package func weights() async throws -> BaseWeights { try await running().weights }

    package var loadedAdapters: [AdapterDigest] { wanted.keys.sorted { $0.rawValue < $1.rawValue } }

    /// The server's own process number, while one runs: behind those that hold its sandbox.
    package func processID() async throws -> Int32 {
        ProcessTree.innermost(of: try await running().process.processID)
    }

    package func shutdown() async {
        isShutDown = true
        if let running = try? await current?.task.value { await running.process.terminate(grace: .seconds(2)) }
        current = nil
    }

    /// The server that runs with all adapters wanted now; starts one where there is none.
    private func running() async throws -> Running {
        while true {
            guard !isShutDown else {
                throw FledgeError("model.unreachable", "the local model server was shut down")
            }
            guard let (number, task) = current else {
                begin(replacing: nil)
                continue
            }
            let outcome = await task.result
            // Another caller may have begun anew while this one waited.
            guard current?.number == number else { continue }
            switch outcome {
            case .failure(let error):
                current = nil
                throw error
            case .success(let server):
                if let exit = server.process.exit.map(Sandbox.exit) {
                    crashes += 1
                    logger.warning("local model server ended", metadata: ["exit": "\(exit)", "crashes": "\(crashes)"])
                    guard crashes <= 8 else {
                        throw FledgeError(
                            "model.unreachable", "the local model server ended \(crashes) times, last with \(exit)",
                            hint: "Its log is \(log.path).")
                    }
                    begin(replacing: nil)
                } else if Set(server.adapters) != Set(wanted.keys) {
                    begin(replacing: server)
                } else {
                    return server
                }
            }
        }
    }

    private var log: URL { cache.appending(path: "server-\(model).log") }

    private func begin(replacing old: Running?) {
        starts += 1
        let adapters = loadedAdapters
        let files = adapters.compactMap { wanted[$0] }
        let pause: Duration = crashes == 0 ? .zero : min(.milliseconds(100) * (1 << min(crashes - 1, 10)), .seconds(10))
        // Unstructured: all callers wait for the one start, and none of them may cancel it for the others.
        let task = Task { [self] in
            if pause > .zero { try await Task.sleep(for: pause) }
            let server = try await start(adapters: adapters, files: files)
            await old?.process.terminate(grace: .seconds(2))
            return server
        }
        current = (starts, task)
    }

    /// The file that llama.cpp reads of the user's weights, and what they are; nil for a packaged model.
    private nonisolated func ownFile() async throws -> (file: String, base: BaseWeights)? {
        guard let ownWeights else { return nil }
        let weights = ownWeights.definition
        if let problem = weights.problems.first {
            throw FledgeError(
                "model.weights_missing", problem.message, place: weights.path, hint: problem.hint)
        }
        let digests = WeightsDigest(cache: cache)
        let base = BaseWeights(weights, sha256: try await LongComputation.run { try digests.digest(of: weights) })
        switch weights {
        case .gguf(let file): return (file, base)
        case .huggingFace(let folder, _, _):
            guard let converter = ownWeights.converter else {
                throw FledgeError(
                    "model.not_convertible", "nothing here makes a GGUF file of a Hugging Face folder", place: folder,
                    hint: "name a GGUF file")
            }
            return (try await converter.gguf(of: folder, sha256: base.sha256, progress: progress), base)
        }
    }

    private nonisolated func start(adapters: [AdapterDigest], files: [String]) async throws -> Running {
        let own = try await ownFile()
        let server = try await LocalServerStart(
            model: model, cache: cache, settings: settings, logger: logger, progress: progress
        ).run(own: own, adapters: files)
        guard let weights = own?.base ?? server.packaged else { throw ModelFailure.unknown(model) }
        return Running(
            process: server.process, base: server.base, key: server.key, weights: weights, adapters: adapters)
    }
}

import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import Synchronization

/// Real clients of model servers that don't wait as long between tries as the daemon's do.
final class FaultCatalog: ModelCatalog {
    /// Shorter than the faults that hang.
    static let timeout = Duration.seconds(2)

    private let http = CurlClient()
    private let servers = Mutex<[String: OpenAIModelServer]>([:])

    func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer {
        guard case .openAICompatible(let url, let key) = model.endpoint else {
            throw FledgeError("model.unknown", "no local models here")
        }
        return servers.withLock { servers in
            if let server = servers[url] { return server }
            let server = OpenAIModelServer(
                base: url, key: key, http: http,
                retries: RetryPolicy(attempts: 5, base: .milliseconds(2), cap: .milliseconds(50)), timeout: Self.timeout
            )
            servers[url] = server
            return server
        }
    }

    func weights(of model: ModelDefinition) async throws -> BaseWeights {
        throw FledgeError("model.not_trainable", "no weights here")
    }
    func statuses(of models: [ModelDefinition]) async -> [ModelStatus] { [] }
    func shutdown() async {}
}

/// Nothing is trained, kept or reported here.
struct NoTraining: Executor, ArtifactStore, ReportSink {
    private static let failure = FledgeError("executor.none", "nothing is trained here", exitCode: .configuration)

    var name: String { "none" }
    func find(intent: String) async throws -> String? { nil }
    func submit(_ specification: TrainingSpec, intent: String) async throws -> String { throw Self.failure }
    func poll(_ externalID: String, from offset: Int64) async throws -> TrainingUpdate { throw Self.failure }
    func cancel(_ externalID: String) async throws {}
    func store(adapterAt directory: String, expecting lora: ExpectedAdapter) async throws -> AdapterFacts {
        throw Self.failure
    }
    func directory(of adapter: AdapterDigest) async throws -> String { throw Self.failure }
    func write(_ report: PromotionReport, formats: [ReportFormat], name: String) async throws -> [String: String] {
        [:]
    }
}

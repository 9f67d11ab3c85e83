import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Synchronization

@testable import FledgeServing

/// The daemon's clients of model servers, by a clock that hurries.
final class FaultCatalog: ModelCatalog {
    /// Shorter than the faults that hang.
    static let timeout = Duration.seconds(2)

    /// How much faster pauses and limits go by.
    static let hurry = 200.0

    private let http = CurlClient()
    private let servers = Mutex<[String: OpenAIModelServer]>([:])

    func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer {
        guard case .openAICompatible(let url, let key) = model.endpoint else {
            throw FledgeError("model.unknown", "no local models here")
        }
        return servers.withLock { servers in
            if let server = servers[url] { return server }
            let server = OpenAIModelServer(
                address: ServerAddress(base: url, key: key), http: http, timeout: Self.timeout,
                clock: .hurried(by: Self.hurry))
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
struct NoTraining: TrainingExecutor, ArtifactStore, ReportSink {
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

extension AdaptiveLimit.Clock {
    static func hurried(by factor: Double) -> AdaptiveLimit.Clock {
        let start = ContinuousClock.now
        return AdaptiveLimit.Clock(
            now: { start + start.duration(to: .now) * factor },
            sleep: { try await Task.sleep(for: $0 / factor) })
    }
}

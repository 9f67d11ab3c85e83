import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing

/// The packaged models as the stub provider of a rehearsal serves them, under the names of their adapters too.
struct RehearsalCatalog: ModelCatalog {
    private let catalog: any ModelCatalog
    private let stub: OpenAIModelServer

    init(base: String, others: any ModelCatalog) {
        catalog = others
        stub = OpenAIModelServer(base: base + "/v1", key: nil, http: CurlClient())
    }

    func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer {
        guard model.endpoint.isLocal else { return try await catalog.server(for: model, adapters: adapters) }
        return stub
    }

    func weights(of model: ModelDefinition) async throws -> BaseWeights {
        BaseWeights(path: "/dev/null", sha256: Digest(of: "the base weights of a rehearsal"))
    }

    func statuses(of models: [ModelDefinition]) async -> [ModelStatus] { await catalog.statuses(of: models) }
    func shutdown() async { await catalog.shutdown() }
}

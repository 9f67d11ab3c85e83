import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Logging

/// The servers behind definitions' models: one for each address, and one local server for each model that is served here.
package actor ServingCatalog: ModelCatalog {
    private let http = CurlClient()
    private let cache: URL
    private let logger: Logger
    private let progress: @Sendable (String) -> Void
    private let converter: (any WeightsConverter)?
    private let secrets: SecretReader
    private var local: [PlacedModel: LocalModelServer] = [:]
    private var remote: [ServerAddress: OpenAIModelServer] = [:]
    private var deliveries: [PlacedModel: any AdapterDelivery] = [:]

    /// What makes two models one server: equal names of two use cases may have other weights behind them.
    private struct PlacedModel: Hashable {
        var name: String
        var endpoint: ModelEndpoint
    }

    /// - Parameters:
    ///   - converter: makes what is served out of Hugging Face folders.
    ///   - keys: which of the models' keys are read, and where each is sent.
    ///   - progress: called with what takes long at a first start: installing the local server.
    package init(
        cache: URL = URL(filePath: StatePaths.current().cache, directoryHint: .isDirectory),
        converter: (any WeightsConverter)? = nil, keys: KeyRules = .none, logger: Logger,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.cache = cache
        secrets = SecretReader(rules: keys)
        self.converter = converter
        self.logger = logger
        self.progress = progress
    }

    package func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer {
        switch model.endpoint {
        case .local, .localWeights:
            let server = try localServer(model)
            try await server.load(adapters)
            return server
        case .openAICompatible(let url, let key), .adapterServer(_, let url, let key, nil):
            return remoteServer(ServerAddress(base: url, key: key))
        case .adapterServer(_, let url, let key, _?):
            let plain = remoteServer(ServerAddress(base: url, key: key))
            guard let delivery = delivery(to: model) else { return plain }
            try await delivery.deliver(adapters)
            return AdapterModelServer(model: model.name, server: plain, delivery: delivery)
        case .azureOpenAI(let url, let deployment, let apiVersion, let key):
            return remoteServer(
                ServerAddress(azure: url, deployment: deployment, apiVersion: apiVersion, key: key))
        }
    }

    package func weights(of model: ModelDefinition) async throws -> BaseWeights {
        if let weights = model.trainingWeights {
            let digests = WeightsDigest(cache: cache)
            // Gigabytes are read: not on this actor.
            return BaseWeights(weights, sha256: try await LongComputation.run { try digests.digest(of: weights) })
        }
        guard case .local = model.endpoint else {
            let obstacle = model.tuningObstacle
            throw FledgeError(
                "model.not_trainable", obstacle?.reason ?? "the weights of \(model.name) are not at hand",
                hint: obstacle?.hint)
        }
        return try await localServer(model).weights()
    }

    package func baseDigest(of model: ModelDefinition) async throws -> Digest? {
        if model.trainingWeights != nil { return try await weights(of: model).sha256 }
        return model.endpoint == .local ? PackagedModels.digests[model.name] : nil
    }

    package func statuses(of models: [ModelDefinition]) async -> [ModelStatus] {
        var statuses: [ModelStatus] = []
        for model in models { statuses.append(await status(of: model)) }
        return statuses
    }

    package func shutdown() async {
        for server in local.values { await server.shutdown() }
        local = [:]
    }

    private func status(of model: ModelDefinition) async -> ModelStatus {
        var status = ModelStatus(
            name: model.name, endpoint: "local", isReachable: false, revision: nil, adapters: [], problem: nil,
            tuningObstacle: model.tuningObstacle?.reason)
        if model.tuningObstacle == nil { status.weights = model.trainingWeights?.path ?? "packaged" }
        do {
            if let server = try await server(for: model) {
                status.endpoint = server.shownAddress
                let leftOut = server.leftOut(for: model.name)
                if !leftOut.isEmpty { status.leftOut = leftOut }
                status.problem = try await server.check(model.name)
                status.shutdownDate = await server.shutdown(of: model.name)
                status.revision = try await server.revision(of: model.name)
                status.adapters = try await delivery(to: model)?.loaded() ?? []
            } else {
                let server = try localServer(model)
                status.revision = try await server.revision(of: model.name)
                status.adapters = await server.loadedAdapters
            }
            status.isReachable = true
        } catch {
            status.problem = "\(error)"
        }
        return status
    }

    /// Nil for a local model.
    private func server(for model: ModelDefinition) async throws -> OpenAIModelServer? {
        guard !model.endpoint.isLocal else { return nil }
        let server = try await server(for: model, adapters: [])
        return (server as? AdapterModelServer)?.server ?? server as? OpenAIModelServer
    }

    private func localServer(_ model: ModelDefinition) throws -> LocalModelServer {
        let key = PlacedModel(name: model.name, endpoint: model.endpoint)
        if let server = local[key] { return server }
        var settings = LocalModelServer.Settings()
        var weights: LocalModelServer.OwnWeights?
        if case .localWeights(let own, let gpuLayers) = model.endpoint {
            weights = LocalModelServer.OwnWeights(own, converter: converter)
            settings.gpuLayers = gpuLayers
        } else if !LocalModelServer.packagedModels.contains(model.name) {
            throw FledgeError(
                "model.unknown", "no packaged model is named \(model.name)",
                hint: Suggestion.hint(
                    for: model.name, among: LocalModelServer.packagedModels,
                    else: "Packaged models: \(LocalModelServer.packagedModels.joined(separator: ", "))."),
                exitCode: .configuration)
        }
        let server = LocalModelServer(
            model: model.name, weights: weights, cache: cache, settings: settings, http: http, logger: logger,
            progress: progress)
        local[key] = server
        return server
    }

    /// Nil for a model that is told no folder for adapters.
    private func delivery(to model: ModelDefinition) -> (any AdapterDelivery)? {
        guard case .adapterServer(let kind, let url, let key, let folder?) = model.endpoint else { return nil }
        let place = PlacedModel(name: model.name, endpoint: model.endpoint)
        if let delivery = deliveries[place] { return delivery }
        let routes = AdapterRoutes(address: ServerAddress(base: url, key: key), http: http, secrets: secrets)
        let delivery: any AdapterDelivery =
            switch kind {
            case .vLLM: LoadedAdapters(model: model.name, server: VLLMClient(routes: routes), folder: folder)
            case .sgLang: LoadedAdapters(model: model.name, server: SGLangClient(routes: routes), folder: folder)
            case .lorax: FolderAdapters(server: LoRAXServer(model: model.name, routes: routes), folder: folder)
            case .mlxLM: FolderAdapters(server: MLXServer(), folder: folder)
            }
        deliveries[place] = delivery
        return delivery
    }

    private func remoteServer(_ address: ServerAddress) -> OpenAIModelServer {
        if let server = remote[address] { return server }
        let server = OpenAIModelServer(address: address, secrets: secrets, http: http)
        remote[address] = server
        return server
    }
}

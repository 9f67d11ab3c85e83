import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Logging

/// The servers behind definitions' models: one for each address, and one local server for each packaged model.
package actor ServingCatalog: ModelCatalog {
    private let http = CurlClient()
    private let cache: URL
    private let logger: Logger
    private let progress: @Sendable (String) -> Void
    private var local: [String: LocalModelServer] = [:]
    private var remote: [ServerAddress: OpenAIModelServer] = [:]

    /// - Parameter progress: called with what takes long at a first start: installing the local server.
    package init(
        cache: URL = URL(filePath: StatePaths.current().cache, directoryHint: .isDirectory), logger: Logger,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.cache = cache
        self.logger = logger
        self.progress = progress
    }

    package func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer {
        switch model.endpoint {
        case .local:
            let server = try localServer(model.name)
            try await server.load(adapters)
            return server
        case .openAICompatible(let url, let key):
            return remoteServer(ServerAddress(base: url, key: key))
        case .azureOpenAI(let url, let deployment, let apiVersion, let key):
            return remoteServer(
                ServerAddress(azure: url, deployment: deployment, apiVersion: apiVersion, key: key))
        }
    }

    package func weights(of model: ModelDefinition) async throws -> BaseWeights {
        guard case .local = model.endpoint else {
            throw FledgeError(
                "model.not_trainable", "\(model.name) is not a local model, so its weights are not at hand",
                hint: "Fine-tune a model that is served `at: .local`.", exitCode: .configuration)
        }
        return try await localServer(model.name).weights()
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
            name: model.name, endpoint: "local", isReachable: false, revision: nil, adapters: [], problem: nil)
        do {
            if let server = try await server(for: model) {
                status.endpoint = server.shownAddress
                let leftOut = server.leftOut(for: model.name)
                if !leftOut.isEmpty { status.leftOut = leftOut }
                status.problem = try await server.check(model.name)
                status.revision = try await server.revision(of: model.name)
            } else {
                let server = try localServer(model.name)
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
        guard model.endpoint != .local else { return nil }
        return try await server(for: model, adapters: []) as? OpenAIModelServer
    }

    private func localServer(_ name: String) throws -> LocalModelServer {
        if let server = local[name] { return server }
        guard LocalModelServer.packagedModels.contains(name) else {
            throw FledgeError(
                "model.unknown", "no packaged model is named \(name)",
                hint: Suggestion.hint(
                    for: name, among: LocalModelServer.packagedModels,
                    else: "Local models: \(LocalModelServer.packagedModels.joined(separator: ", "))."),
                exitCode: .configuration)
        }
        let server = LocalModelServer(model: name, cache: cache, http: http, logger: logger, progress: progress)
        local[name] = server
        return server
    }

    private func remoteServer(_ address: ServerAddress) -> OpenAIModelServer {
        if let server = remote[address] { return server }
        let server = OpenAIModelServer(address: address, http: http)
        remote[address] = server
        return server
    }
}

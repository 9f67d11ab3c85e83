import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Synchronization

/// Any server that speaks OpenAI's chat completions.
package final class OpenAIModelServer: ModelServer {
    private struct Known: Sendable {
        var models: [String: String]
        var dialect: ChatDialect
    }

    private let base: String
    private let key: SecretReference?
    private let client: ChatClient
    private let limit: AdaptiveLimit
    private let chosen: ChatDialect?
    private let isOpenAI: Bool
    private let known = Mutex<Known?>(nil)

    /// - Parameter dialect: nil to ask the server.
    package init(
        base: String, key: SecretReference?, dialect: ChatDialect? = nil, http: CurlClient,
        retries: RetryPolicy = RetryPolicy(), timeout: Duration = .seconds(120)
    ) {
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.key = key
        chosen = dialect
        isOpenAI = URL(string: base)?.host() == "api.openai.com"
        client = ChatClient(http: http, retries: retries, timeout: timeout)
        limit = AdaptiveLimit(initial: 8, maximum: 128)
    }

    package func complete(_ request: CompletionRequest) async throws -> Completion {
        let dialect = if let chosen { chosen } else { try await inspect().dialect }
        // Served under the adapter's digest: the name by which it was loaded there.
        let name = request.adapter?.rawValue ?? request.model
        if let known = known.withLock({ $0 }), !known.models.isEmpty, known.models[name] == nil, dialect != .openAI {
            // llama.cpp answers under any name; hosted services serve aliases that they don't list.
            throw ModelFailure.unknown(name)
        }
        return try await client.complete(
            request, at: .init(base: base, key: key, dialect: dialect, servedName: name, isOpenAI: isOpenAI),
            limit: limit)
    }

    /// These APIs tell no digest of their weights: the address and name stand for them.
    package func revision(of model: String) async throws -> String { "\(model)@\(endpointWithoutUser)" }

    package var concurrency: Int { limit.current }

    package func models() async throws -> [String] { try await inspect().models.keys.sorted() }

    private var endpointWithoutUser: String {
        guard let scheme = base.range(of: "://") else { return base }
        let rest = base[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return base }
        return String(base[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }

    private func inspect() async throws -> Known {
        if let known = known.withLock({ $0 }) { return known }
        let models: [String: String]
        do {
            models = try await client.models(base: base, key: key)
        } catch let error as FledgeError where ["model.unknown", "model.bad_request"].contains(error.code.rawValue) {
            // Some gateways serve completions without a list of models.
            models = [:]
        }
        let found = Known(models: models, dialect: ChatDialect(ownedBy: models.values.first))
        known.withLock { $0 = found }
        return found
    }
}

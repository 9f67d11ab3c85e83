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
        /// Until when it counts; nil for good.
        var until: ContinuousClock.Instant?
    }

    private let address: ServerAddress
    private let client: ChatClient
    private let limit: AdaptiveLimit
    private let chosen: ChatDialect?
    private let isOpenAI: Bool
    private let parameters = LeftOutParameters()
    private let known = Mutex<Known?>(nil)

    /// After this long a list of models is asked for again that could not be had for a passing reason.
    private static let listPause = Duration.seconds(60)

    /// - Parameters:
    ///   - dialect: nil to ask the server.
    ///   - clock: what pauses are measured by.
    init(
        address: ServerAddress, dialect: ChatDialect? = nil, http: CurlClient, retries: RetryPolicy = RetryPolicy(),
        timeout: Duration = .seconds(120), clock: AdaptiveLimit.Clock = .system
    ) {
        self.address = address
        chosen = dialect ?? (address.isAzure ? .openAI : nil)
        isOpenAI = URL(string: address.base)?.host() == "api.openai.com"
        client = ChatClient(http: http, retries: retries, timeout: timeout)
        limit = AdaptiveLimit(initial: 8, maximum: 128, isPaid: true, clock: clock)
    }

    package convenience init(
        base: String, key: SecretReference?, dialect: ChatDialect? = nil, http: CurlClient,
        retries: RetryPolicy = RetryPolicy(), timeout: Duration = .seconds(120)
    ) {
        self.init(
            address: ServerAddress(base: base, key: key), dialect: dialect, http: http, retries: retries,
            timeout: timeout)
    }

    package func complete(_ request: CompletionRequest) async throws -> Completion {
        // Served under the adapter's digest: the name by which it was loaded there.
        try await complete(request, by: AdapterRoute(adapter: request.adapter, servedName: request.adapter?.rawValue))
    }

    func complete(_ request: CompletionRequest, by route: AdapterRoute) async throws -> Completion {
        let dialect = if let chosen { chosen } else { try await inspect().dialect }
        let name = route.servedName ?? request.model
        // Adapters come and go after the list was read.
        if route.servedName == nil, let known = known.withLock({ $0 }), !known.models.isEmpty,
            known.models[name] == nil, dialect != .openAI
        {
            // llama.cpp answers under any name; hosted services serve aliases that they don't list.
            throw ModelFailure.unknown(name)
        }
        return try await client.complete(
            request,
            at: .init(
                address: address, dialect: dialect, servedName: name, adapterPath: route.path,
                isOpenAI: isOpenAI, leftOut: parameters),
            limit: limit)
    }

    /// These APIs tell no digest of their weights: the address and name stand for them.
    package func revision(of model: String) async throws -> String { "\(model)@\(address.shown)" }

    package var concurrency: Int { limit.current }

    /// Whether calls for the model can have answers, as far as that is seen without asking anything.
    ///
    /// - Returns: what is odd about it all the same.
    /// - Throws: what keeps every call from an answer.
    func check(_ model: String) async throws -> String? {
        let known = try await inspect()
        try await client.probe(address, model: model)
        guard !known.models.isEmpty, known.models[model] == nil else { return nil }
        if known.dialect != .openAI { throw ModelFailure.unknown(model) }
        return "the server does not list \(model); it may serve it all the same"
    }

    var shownAddress: String { address.shown }

    /// The parameters that the server does not take, as requests name them.
    func leftOut(for model: String) -> [String] { parameters.all(for: model).map(\.rawValue).sorted() }

    /// What the server says of itself. Some serve completions without a list of models, or keep it from most keys.
    ///
    /// - Throws: `model.unauthorized` where the key is missing here.
    private func inspect() async throws -> Known {
        if let known = known.withLock({ $0 }), known.until.map({ $0 > .now }) ?? true { return known }
        // A key that is missing here fails the call itself just as well, and tells it better.
        _ = try address.key.map(SecretReader.read)
        var found = Known(models: [:], dialect: .openAI)
        do {
            found.models = try await client.models(at: address)
            found.dialect = ChatDialect(ownedBy: found.models.values.first)
        } catch let error as FledgeError where error.code == "model.unreachable" {
            // The call says whether the server is there at all; the list is asked for again.
            return found
        } catch let error as FledgeError where error.code.rawValue.hasPrefix("model.") {
            if error.code != "model.wrong_address" { found.until = .now + Self.listPause }
        }
        known.withLock { $0 = found }
        return found
    }
}

import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Synchronization

/// Any server that speaks OpenAI's chat completions.
package final class OpenAIModelServer: ModelServer {
    private struct Known: Sendable {
        var models: [String: ListedModel]
        var dialect: ChatDialect
        /// Until when it counts; nil for good.
        var until: ContinuousClock.Instant?
    }

    private let address: ServerAddress
    private let secrets: SecretReader
    private let client: ChatClient
    private let scorer: AnswerScorer
    private let limit: AdaptiveLimit
    private let chosen: ChatDialect?
    private let isOpenAI: Bool
    private let parameters = LeftOutParameters()
    private let known = Mutex<Known?>(nil)

    /// After this long a list of models is asked for again that could not be had for a passing reason.
    private static let listPause = Duration.seconds(60)

    /// - Parameters:
    ///   - secrets: what the server's key is read by.
    ///   - dialect: nil to ask the server.
    ///   - clock: what pauses are measured by.
    init(
        address: ServerAddress, secrets: SecretReader = SecretReader(), dialect: ChatDialect? = nil, http: CurlClient,
        retries: RetryPolicy = RetryPolicy(), timeout: Duration = .seconds(120), clock: AdaptiveLimit.Clock = .system
    ) {
        self.address = address
        self.secrets = secrets
        chosen = dialect ?? (address.isAzure ? .openAI : nil)
        isOpenAI = URL(string: address.base)?.host() == "api.openai.com"
        client = ChatClient(http: http, secrets: secrets, retries: retries, timeout: timeout)
        scorer = AnswerScorer(
            address: address, secrets: secrets, http: http, retries: retries, timeout: timeout)
        limit = AdaptiveLimit(initial: 8, maximum: 128, isPaid: true, clock: clock)
    }

    package convenience init(
        base: String, key: SecretReference?, secrets: SecretReader = SecretReader(), dialect: ChatDialect? = nil,
        http: CurlClient,
        retries: RetryPolicy = RetryPolicy(), timeout: Duration = .seconds(120)
    ) {
        self.init(
            address: ServerAddress(base: base, key: key), secrets: secrets, dialect: dialect, http: http,
            retries: retries,
            timeout: timeout)
    }

    package func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        // Served under the adapter's digest: the name by which it was loaded there.
        let route = AdapterRoute(adapter: request.adapter, servedName: request.adapter?.rawValue)
        return try await complete(request, by: route, attempts: attempts)
    }

    func complete(
        _ request: CompletionRequest, by route: AdapterRoute, attempts: CallAttempts
    ) async throws -> Completion {
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
                adapterSource: route.source, isOpenAI: isOpenAI, leftOut: parameters),
            limit: limit, attempts: attempts)
    }

    package func score(_ request: ScoringRequest) async throws -> AnswerScore {
        try await score(request, by: AdapterRoute(adapter: request.adapter, servedName: request.adapter?.rawValue))
    }

    func score(_ request: ScoringRequest, by route: AdapterRoute) async throws -> AnswerScore {
        let dialect = if let chosen { chosen } else { try await inspect().dialect }
        // Others have no way to it (llama.cpp, mlx-lm) or one of their own.
        guard dialect == .vLLM else { return .unknown("only vLLM scores answers that it is given") }
        return try await scorer.score(
            prompt: request.prompt, answer: request.answer, by: route.servedName ?? request.model)
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

    /// When the server stops serving the model, as its list says now; nil where it doesn't say.
    func shutdown(of model: String) async -> ShutdownDay? {
        (try? await client.models(at: address))?[model]?.shutdown
    }

    var shownAddress: String { address.shown }

    /// The parameters that the server does not take, as requests name them.
    func leftOut(for model: String) -> [String] { parameters.all(for: model).map(\.rawValue).sorted() }

    /// What the server says of itself. Some serve completions without a list of models, or keep it from most keys.
    ///
    /// - Throws: `model.unauthorized` where the key is missing here, `model.key_not_allowed` where it may not be read.
    private func inspect() async throws -> Known {
        if let known = known.withLock({ $0 }), known.until.map({ $0 > .now }) ?? true { return known }
        // A key that is missing here fails the call itself just as well, and tells it better.
        _ = try secrets.read(for: address)
        var found = Known(models: [:], dialect: .openAI)
        do {
            found.models = try await client.models(at: address)
            found.dialect = ChatDialect(ownedBy: found.models.values.first?.owner)
        } catch let error as FledgeError where error.code == .modelUnreachable {
            // The call says whether the server is there at all; the list is asked for again.
            return found
        } catch let error as FledgeError where error.code.rawValue.hasPrefix("model.") {
            if error.code != .modelWrongAddress { found.until = .now + Self.listPause }
        }
        known.withLock { $0 = found }
        return found
    }
}

import FledgeCore
import FledgeDocument

/// One question to a model.
package struct CompletionRequest: Codable, Hashable, Sendable {
    package var model: String
    package var adapter: AdapterDigest?
    package var messages: [ChatMessage]
    package var decoding: DecodingDefinition
    /// The texts that the answer is constrained to, where the server can; nil for a free answer.
    package var choices: [String]?

    package init(
        model: String, adapter: AdapterDigest?, messages: [ChatMessage], decoding: DecodingDefinition,
        choices: [String]?
    ) {
        self.model = model
        self.adapter = adapter
        self.messages = messages
        self.decoding = decoding
        self.choices = choices
    }
}

/// Answers questions.
///
/// Whoever makes one keeps what `ModelServerPromise` (FledgeTestKit) lists; its tests run that list. Calls come from any
/// task, as many at once as ``concurrency`` says or more: what is more than the server bears waits inside.
///
/// Every requirement throws `CancellationError` when its task is cancelled, and leaves no place taken then.
package protocol ModelServer: Sendable {
    /// Asks one question. May be called again with the same request: that is another call, and paid as one.
    ///
    /// - Parameter attempts: asked before each attempt is sent, the first and every repetition: `try await attempts.begin()`;
    ///   told by `attempts.wasRefused()` of one that was turned down or never sent. What it throws ends the call. A server
    ///   that stands before another one hands it on, and asks nothing itself.
    /// - Returns: a value of the caller's. Counts of tokens that the server doesn't say are nil, never a guess.
    /// - Throws: `FledgeError`, of three kinds:
    ///   - permanent, this question has no answer (``FledgeError/concernsOneQuestion``): `model.context_overflow`,
    ///     `model.filtered`, `model.answer_too_long`;
    ///   - for a person, no question would have one until the definition, the server or the account is changed:
    ///     `model.bad_request`, `model.unauthorized`, `model.key_not_allowed`, `model.no_credit`, `model.unknown`,
    ///     `model.wrong_address`, `model.request_too_large`, `model.template`;
    ///   - transient, worth another try later, after the server's own tries: `model.overloaded`, `model.rate_limited`,
    ///     `model.timeout`, `model.unreachable`, `model.bad_answer`, `model.unknown_adapter`.
    func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion
    /// What identifies the weights behind the name: part of the response cache's key and of a release. The same text for the
    /// same weights, in every process. Costs nothing, and may be asked as often as one likes; a local server is started for
    /// it.
    ///
    /// - Throws: `model.unknown`, for a person; from a local server transient `model.unreachable`, and `server.…`.
    func revision(of model: String) async throws -> String
    /// What the model gives the tokens of an answer; `unknown` from a server that can't say. May be repeated: it is paid
    /// under no cap, and only a few are asked for a release.
    ///
    /// - Returns: a value of the caller's, with as many log-probabilities as the answer has tokens.
    /// - Throws: as ``complete(_:attempts:)``, but for what only this question is refused for.
    func score(_ request: ScoringRequest) async throws -> AnswerScore
    /// How many calls are worth having in flight at once, by now: at least 1, and another number at another time.
    var concurrency: Int { get async }
}

extension FledgeError {
    /// Whether a model server's refusal concerns this question alone: every other failure concerns all of them.
    package var concernsOneQuestion: Bool {
        [.modelContextOverflow, .modelFiltered, .modelAnswerTooLong].contains(code)
    }
}

/// An adapter that a server is to load.
package struct ServedAdapter: Codable, Hashable, Sendable {
    package var digest: AdapterDigest
    /// The adapter's folder in the artifact store.
    package var directory: String

    package init(digest: AdapterDigest, directory: String) {
        self.digest = digest
        self.directory = directory
    }
}

/// Finds the server behind a definition's model.
///
/// Everything may be asked again, and by several tasks at once. The catalog owns what it starts: callers neither stop a
/// server nor remove weights.
package protocol ModelCatalog: Sendable {
    /// Starts the local server where needed, with at least these adapters loaded.
    ///
    /// - Returns: a server that stays the catalog's and is shared: two models of one address have one.
    /// - Throws: for a person `model.unknown`, `model.adapter_…`, `model.weights_missing`; transient `server.start_failed`
    ///   and `model.unreachable`; what reading a key throws.
    func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer
    /// The base weights that training starts from; reads gigabytes the first time.
    ///
    /// - Returns: where they lie; the file stays the catalog's or the user's.
    /// - Throws: for a person `model.not_trainable` for a model that has none at hand, `model.weights_missing`.
    func weights(of model: ModelDefinition) async throws -> BaseWeights
    /// What identifies the base weights, as far as that is known without starting a server; nil where it is not.
    ///
    /// - Throws: as ``weights(of:)``.
    func baseDigest(of model: ModelDefinition) async throws -> Digest?
    /// One for each model, in their order. Asks each server, and throws nothing: what is wrong is in the status.
    func statuses(of models: [ModelDefinition]) async -> [ModelStatus]
    /// Stops every server that was started; calls under way fail with `model.unreachable`. The catalog is of no use afterwards.
    func shutdown() async
}

extension ModelCatalog {
    package func baseDigest(of model: ModelDefinition) async throws -> Digest? { nil }
}

/// The weights that training starts from.
package struct BaseWeights: Codable, Hashable, Sendable {
    /// A GGUF file, or a folder as the Hugging Face hub has it.
    package var path: String
    /// See ``WeightsDigest``.
    package var sha256: Digest
    /// Where they came from, such as `Qwen/Qwen2.5-7B-Instruct`; nil where that is not known.
    package var repository: String?
    /// The commit there.
    package var revision: String?

    package init(path: String, sha256: Digest, repository: String? = nil, revision: String? = nil) {
        self.path = path
        self.sha256 = sha256
        self.repository = repository
        self.revision = revision
    }

    package init(_ weights: WeightsDefinition, sha256: Digest) {
        self.init(path: weights.path, sha256: sha256)
        if case .huggingFace(_, let repository, let revision) = weights {
            self.repository = repository
            self.revision = revision
        }
    }
}

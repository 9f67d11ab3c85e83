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
package protocol ModelServer: Sendable {
    /// - Throws: `FledgeError`, of three kinds:
    ///   - this question has no answer: `model.context_overflow`, `model.filtered`, `model.answer_too_long`;
    ///   - no question would have one, until the definition, the server or the account is changed: `model.bad_request`,
    ///     `model.unauthorized`, `model.no_credit`, `model.unknown`, `model.unknown_adapter`, `model.wrong_address`,
    ///     `model.request_too_large`, `model.template`;
    ///   - worth another try later: `model.overloaded`, `model.rate_limited`, `model.timeout`, `model.unreachable`,
    ///     `model.bad_answer`.
    func complete(_ request: CompletionRequest) async throws -> Completion
    /// What identifies the weights behind the name: part of the response cache's key and of a release.
    func revision(of model: String) async throws -> String
    /// What the model gives the tokens of an answer; `unknown` from a server that can't say.
    ///
    /// - Throws: as ``complete(_:)``, but for what only this question is refused for.
    func score(_ request: ScoringRequest) async throws -> AnswerScore
    /// How many calls are worth having in flight at once.
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
package protocol ModelCatalog: Sendable {
    /// Starts the local server where needed, with at least these adapters loaded.
    func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer
    /// The base weights that training starts from. - Throws: `model.not_trainable` for a model that has none at hand.
    func weights(of model: ModelDefinition) async throws -> BaseWeights
    /// What identifies the base weights, as far as that is known without starting a server; nil where it is not.
    func baseDigest(of model: ModelDefinition) async throws -> Digest?
    func statuses(of models: [ModelDefinition]) async -> [ModelStatus]
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

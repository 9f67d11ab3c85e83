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

/// A model's answer.
package struct Completion: Codable, Hashable, Sendable {
    package var text: String
    /// `stop`, `length`, or what the server said.
    package var finishReason: String
    package var promptTokens: Int
    package var cachedTokens: Int
    package var completionTokens: Int
    /// From the request's first byte sent to the last byte received, without waiting for a place or for a retry.
    package var latencyMicroseconds: Int64
    /// The natural logarithm of the answer's probability, where it was asked for and the server says it.
    package var logProbability: Double?

    package init(
        text: String, finishReason: String, promptTokens: Int, cachedTokens: Int, completionTokens: Int,
        latencyMicroseconds: Int64, logProbability: Double? = nil
    ) {
        self.text = text
        self.finishReason = finishReason
        self.promptTokens = Self.plausible(promptTokens)
        self.cachedTokens = Self.plausible(cachedTokens)
        self.completionTokens = Self.plausible(completionTokens)
        self.latencyMicroseconds = latencyMicroseconds
        self.logProbability = logProbability
    }

    /// Counts are a server's word, and the database keeps what fits into 31 bits.
    private static func plausible(_ tokens: Int) -> Int { min(max(tokens, 0), Int(Int32.max)) }
}

/// Answers questions.
package protocol ModelServer: Sendable {
    /// - Throws: `FledgeError`: `model.unauthorized`, `model.unknown`, `model.context_overflow`, `model.bad_request`,
    ///   `model.unreachable`, `model.overloaded`, `model.timeout`; the last three are worth another try later.
    func complete(_ request: CompletionRequest) async throws -> Completion
    /// What identifies the weights behind the name: part of the response cache's key and of a release.
    func revision(of model: String) async throws -> String
    /// How many calls are worth having in flight at once.
    var concurrency: Int { get async }
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

/// A model as `fledge models` shows it.
package struct ModelStatus: Codable, Hashable, Sendable {
    package var name: String
    package var endpoint: String
    package var isReachable: Bool
    package var revision: String?
    package var adapters: [AdapterDigest]
    package var problem: String?

    package init(
        name: String, endpoint: String, isReachable: Bool, revision: String?, adapters: [AdapterDigest],
        problem: String?
    ) {
        self.name = name
        self.endpoint = endpoint
        self.isReachable = isReachable
        self.revision = revision
        self.adapters = adapters
        self.problem = problem
    }
}

/// Finds the server behind a definition's model.
package protocol ModelCatalog: Sendable {
    /// Starts the local server where needed, with at least these adapters loaded.
    func server(for model: ModelDefinition, adapters: [ServedAdapter]) async throws -> any ModelServer
    /// The base weights' file that training starts from. - Throws: `model.not_trainable` for a model that is not local.
    func weights(of model: ModelDefinition) async throws -> BaseWeights
    func statuses(of models: [ModelDefinition]) async -> [ModelStatus]
    func shutdown() async
}

/// The weights that a local model serves and that training starts from.
package struct BaseWeights: Codable, Hashable, Sendable {
    /// A GGUF file.
    package var path: String
    package var sha256: Digest

    package init(path: String, sha256: Digest) {
        self.path = path
        self.sha256 = sha256
    }
}

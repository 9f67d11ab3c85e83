import FledgeCore
import FledgeDocument
import FledgeEngine

/// A model server in a test of ``ModelServerPromise``, and what stands behind it.
package struct ModelServerScene: Sendable {
    /// How what is behind the server behaves, until it is mended.
    package enum Behaviour: String, Sendable, CaseIterable {
        /// Answers, and says how many tokens it used.
        case answers
        /// Answers without a word of tokens.
        case saysNoUsage
        /// Leaves the first attempt without an answer, so that nobody knows whether it was charged, and answers later ones.
        case losesFirst
        /// Turns every attempt down for now.
        case isAway
        /// Turns every attempt down until somebody changes something.
        case refuses
        /// Answers the first attempt, and no other.
        case hangs
    }

    package var server: any ModelServer
    package var request: CompletionRequest
    /// Attempts that have come to what is behind the server; nil where that isn't counted.
    package var reached: @Sendable () -> Int?
    /// From now on every attempt is answered.
    package var mend: @Sendable () -> Void

    package init(
        server: any ModelServer, request: CompletionRequest = Self.question,
        reached: @escaping @Sendable () -> Int? = { nil }, mend: @escaping @Sendable () -> Void = {}
    ) {
        self.server = server
        self.request = request
        self.reached = reached
        self.mend = mend
    }

    /// A question that ``FaultServer`` understands as well.
    package static let question = CompletionRequest(
        model: "m", adapter: nil, messages: [ChatMessage(role: .user, content: "t4")],
        decoding: DecodingDefinition(maxTokens: 4), choices: nil)
}

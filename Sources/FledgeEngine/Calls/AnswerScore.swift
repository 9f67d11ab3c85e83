import FledgeCore

/// An answer that a model is to score: what it gives each of its tokens, behind those of a prompt.
package struct ScoringRequest: Hashable, Sendable {
    package var model: String
    package var adapter: AdapterDigest?
    package var prompt: [Int]
    package var answer: [Int]

    package init(model: String, adapter: AdapterDigest?, prompt: [Int], answer: [Int]) {
        self.model = model
        self.adapter = adapter
        self.prompt = prompt
        self.answer = answer
    }
}

/// What a server makes of an answer that it is given.
package enum AnswerScore: Hashable, Sendable {
    /// The log-probability of each token of the answer.
    case tokens([Double])
    /// Prompt and answer are longer than what the model takes; shorter ones may be scored.
    case tooLong
    /// Nothing is known of it, nor of others, and why.
    case unknown(String)
}

extension ModelServer {
    package func score(_ request: ScoringRequest) async throws -> AnswerScore {
        .unknown("servers of this kind score no answer that they are given")
    }
}

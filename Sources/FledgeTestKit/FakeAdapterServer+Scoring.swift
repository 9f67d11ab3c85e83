import Foundation
import Synchronization

extension FakeAdapterServer {
    private struct ScoringBody: Decodable {
        var model: String
        var prompt: [Int]
        var max_tokens: Int
        var prompt_logprobs: Int?
    }

    /// vLLM's log-probabilities of a prompt: the base gives each token -2, an adapter -0.25.
    func scored(_ body: [UInt8], _ settings: Settings) -> StubHTTPServer.Response {
        guard let body = try? JSONDecoder().decode(ScoringBody.self, from: Data(body)), body.max_tokens > 0 else {
            return error(400, "max_tokens must be at least 1")
        }
        state.withLock { $0.asked.append(body.model) }
        let text = body.model == settings.model ? "as the base" : loadedAnswer(of: body.model)
        guard let text else { return error(404, "The model `\(body.model)` does not exist.", kind: "NotFoundError") }
        let given = text == "as the base" ? -2 : -0.25
        let tokens = body.prompt.enumerated().map { place, token in
            place == 0
                ? "null"
                : #"{"\#(token)": {"logprob": \#(given), "rank": 3, "decoded_token": "x"}, "7": {"logprob": -0.1, "rank": 1}}"#
        }
        let told = body.prompt_logprobs == nil ? "null" : "[\(tokens.joined(separator: ", "))]"
        return json(
            200, #"{"choices": [{"index": 0, "text": " a", "finish_reason": "length", "prompt_logprobs": \#(told)}]}"#)
    }
}

import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Has vLLM score an answer: it takes prompt and answer as one prompt, and tells the log-probabilities of its tokens.
///
/// Tokens go out as numbers, so that no tokenizer or chat template comes in between. Prompts with `prompt_logprobs` are not
/// taken from vLLM's prefix cache.
///
/// Versions are asked first: some with `--enable-lora` do not survive the question (0.8 to 0.12 ended with an exception in
/// the logits of the prompt; 0.26 is the first that is known to answer).
struct AnswerScorer: Sendable {
    static let firstVersion = (0, 26)

    private struct Body: Encodable {
        var model: String
        var prompt: [Int]
        /// vLLM generates one token at least.
        var max_tokens = 1
        var temperature = 0
        /// The most likely token beside the prompt's own, which is always told.
        var prompt_logprobs = 1
        var add_special_tokens = false
    }

    let address: ServerAddress
    var secrets = SecretReader()
    let http: CurlClient
    let retries: RetryPolicy
    let timeout: Duration

    /// - Parameter name: under which the server knows the model or the adapter.
    func score(prompt: [Int], answer: [Int], by name: String) async throws -> AnswerScore {
        let secret = try secrets.read(for: address)
        if let obstacle = try await obstacle(key: secret) { return .unknown(obstacle) }
        let body = try JSONProfile.openAI.data(of: Body(model: name, prompt: prompt + answer))
        var post = HTTPRequest(
            "POST", address.url(of: "/completions"), headers: ["Content-Type": "application/json"], body: Array(body),
            timeout: timeout)
        address.authorise(&post, with: secret)
        var attempt = 0
        while true {
            attempt += 1
            let failure: Failure
            switch try await response(to: post) {
            case .success(let response):
                switch Self.reading(of: response, prompt: prompt, answer: answer, by: name, key: secret) {
                case .success(let score): return score
                case .failure(let error): failure = Failure(error: error, headers: response.headers)
                }
            case .failure(let lost): failure = lost
            }
            guard failure.isPassing,
                let pause = retries.pause(
                    afterAttempt: attempt, headers: failure.headers, random: .random(in: 0.5...1), now: Date())
            else { throw failure.error }
            try await Task.sleep(for: pause)
        }
    }

    /// Why the server is not to be asked; nil for nothing.
    private func obstacle(key: String?) async throws -> String? {
        var request = HTTPRequest("GET", address.root + "/version", timeout: .seconds(15))
        address.authorise(&request, with: key)
        let response: HTTPResponse
        switch try await self.response(to: request) {
        case .success(let told): response = told
        case .failure(let failure): throw failure.error
        }
        guard response.status == 200, let told = LenientJSON.read(response.body)?["version"]?.text,
            let match = told.firstMatch(of: /^v?(\d{1,9})\.(\d{1,9})/), let major = Int(match.1),
            let minor = Int(match.2)
        else { return "the server tells no version, and vLLM before 0.26 may end when it is to score with adapters" }
        guard (major, minor) < Self.firstVersion else { return nil }
        return "vLLM before 0.26 may end when it is to score with adapters, and this is \(major).\(minor)"
    }

    /// What has nothing to do with scoring.
    private struct Failure: Error {
        var error: FledgeError
        var headers: HTTPHeaders?

        var isPassing: Bool {
            [.modelOverloaded, .modelRateLimited, .modelTimeout, .modelUnreachable].contains(error.code)
        }
    }

    private func response(to post: HTTPRequest) async throws -> Result<HTTPResponse, Failure> {
        do { return .success(try await http.execute(post)) } catch {
            guard error.code != .cancelled else { throw CancellationError() }
            return .failure(Failure(error: ModelFailure.error(error)))
        }
    }

    /// What the response means: a score, a server that has none, or a failure that has nothing to do with scoring.
    private static func reading(
        of response: HTTPResponse, prompt: [Int], answer: [Int], by name: String, key: String?
    ) -> Result<AnswerScore, FledgeError> {
        let isAnswer = (200..<300).contains(response.status)
        let words = ServerWords(response.body, isAnswer: isAnswer)
        if isAnswer, !words.hasError {
            return .success(read(response.body, prompt: prompt.count, answer: answer))
        }
        let request = CompletionRequest(
            model: name, adapter: nil, messages: [], decoding: DecodingDefinition(maxTokens: 1), choices: nil)
        let numbers = (prompt + answer).map(String.init).joined(separator: " ")
        let refusal = ServerRefusal(
            status: response.status, headers: response.headers, words: words, request: request,
            privately: PrivateText(texts: [numbers], key: key))
        switch refusal.kind {
        case .contextOverflow: return .success(.tooLong)
        case .badRequest, .wrongAddress, .tooLarge, .template, .filtered, .badAnswer:
            return .success(.unknown("the server does not score given answers (status \(refusal.status))"))
        // It may have failed of being asked this; it is not asked again.
        case .overloaded where refusal.status == 500:
            return .success(.unknown("the server fails at scoring given answers (status 500)"))
        default: return .failure(ModelFailure.error(refusal, model: name))
        }
    }

    /// Reads the log-probabilities of the answer's tokens, each of which has to be the one that was sent.
    ///
    /// - Parameter prompt: how many tokens come before the answer.
    static func read(_ body: [UInt8], prompt: Int, answer: [Int]) -> AnswerScore {
        guard
            let told = LenientJSON.read(body)?["choices"]?.elements?.first?["prompt_logprobs"]?.elements
        else { return .unknown("the server sends no log-probabilities of what it is given") }
        guard told.count == prompt + answer.count else {
            return .unknown("the server scored \(told.count) tokens where \(prompt + answer.count) were sent")
        }
        var given: [Double] = []
        for (token, value) in zip(answer, told.dropFirst(prompt)) {
            guard case .object(let tokens) = value else {
                return .unknown("the server leaves tokens of the answer without a log-probability")
            }
            guard let own = tokens[String(token)] else {
                return .unknown("the server scored other tokens than those that were sent")
            }
            guard let number = (own["logprob"] ?? own).double, number.isFinite else {
                return .unknown("the server's log-probabilities are no finite numbers")
            }
            // Logits, which vLLM tells with --logprobs-mode raw_logits, are above zero too.
            guard number <= 0.001 else {
                return .unknown("the server tells figures above 0, which are no log-probabilities (--logprobs-mode)")
            }
            given.append(min(number, 0))
        }
        return .tokens(given)
    }
}

extension JSONValue {
    fileprivate var double: Double? {
        switch self {
        case .whole(let whole): Double(whole)
        case .number(let number): number
        default: nil
        }
    }
}

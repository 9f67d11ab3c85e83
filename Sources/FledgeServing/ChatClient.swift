import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// One chat completion over HTTP: the call, what its failures mean, and when it is made again.
struct ChatClient: Sendable {
    struct Target: Sendable {
        var address: ServerAddress
        var dialect: ChatDialect
        var servedName: String
        var lora: [ChatBody.LoRAScale]?
        /// What the question shares with others, at a server whose places are slots.
        var prefix: Digest?
        /// The folder of the adapter, for a server that takes it with each call.
        var adapterPath: String?
        /// Where that server looks for the adapter.
        var adapterSource: String?
        /// Whether it is OpenAI's own service, whose newer models refuse `max_tokens`.
        var isOpenAI = false
        /// What the server has been found not to take.
        var leftOut = LeftOutParameters()
    }

    let http: CurlClient
    var secrets = SecretReader()
    var retries = RetryPolicy()
    var timeout: Duration = .seconds(120)
    /// How long a call goes on that is refused for the rate alone, while no other call at the server succeeds either.
    var patience: Duration = .seconds(600)
    /// The same while others succeed.
    var longestWait: Duration = .seconds(1800)
    var now: @Sendable () -> Date = { Date() }

    /// How often one call is refused that asks for more than its account ever has, before it has no answer.
    private static let hopelessRefusals = 3

    /// - Parameter attempts: asked before each attempt that is sent.
    func complete(
        _ request: CompletionRequest, at target: Target, limit: AdaptiveLimit, attempts: CallAttempts
    ) async throws -> Completion {
        let secret = try secrets.read(for: target.address)
        // Others have tried often enough, the last of them just now.
        if let error = limit.lossJustNow(after: retries.attempts) { throw error }
        var known = limit.doubt
        // Where others have tried often enough, one more try says whether the server is back.
        var attempt = min(known?.failures ?? 0, retries.attempts - 1)
        var refusalsForRate = 0
        var firstRefusal: ContinuousClock.Instant?
        while true {
            let leftOut = target.leftOut.all(for: target.servedName)
            let ticket: AdaptiveLimit.Ticket
            do { ticket = try await limit.acquire(knowing: known, prefix: target.prefix) } catch let lost as LostAlike {
                known = lost.known
                attempt += lost.failures
                guard let pause = retries.pause(afterAttempt: attempt, random: .random(in: 0.5...1)) else {
                    throw lost.error
                }
                try await limit.sleep(for: pause)
                continue
            }
            let post: HTTPRequest
            do {
                post = try self.post(request, to: target, leavingOut: leftOut, secret: secret, on: ticket)
                try await attempts.begin()
            } catch {
                limit.giveBack(ticket)
                throw error
            }
            let result = await Self.result { try await http.execute(post) }
            switch result {
            case .success(let response):
                switch read(response, request, target, secret) {
                case .success(let completion):
                    limit.release(ticket, .success)
                    return completion
                case .failure(let refusal):
                    let wish = RetryPolicy.wish(response.headers, now: now()) ?? refusal.pause
                    let failure = ModelFailure.error(refusal, model: request.model)
                    // It may have been answered, and charged, behind whatever said that it took too long or sent a page.
                    let isLost =
                        refusal.kind.isPassing && (refusal.kind == .timeout || response.status == 200)
                    if !isLost { attempts.wasRefused() }
                    limit.release(ticket, Self.outcome(of: refusal, wish: wish, isLost ? failure : nil))
                    if let spare = refusal.parameter?.spare, !leftOut.contains(spare) {
                        // Asked again at once: it is another question than the one that was refused.
                        target.leftOut.add(spare, for: target.servedName)
                        continue
                    }
                    guard refusal.kind.isPassing else { throw failure }
                    if refusal.kind == .rateLimited {
                        refusalsForRate += 1
                        let first = firstRefusal ?? limit.now
                        firstRefusal = first
                        if refusal.asksForMoreThanAllowed, refusalsForRate >= Self.hopelessRefusals {
                            throw ModelFailure.largerThanAllowed(refusal)
                        }
                        guard wish ?? .zero <= RetryPolicy.longestObeyedRate, isPatient(limit, since: first) else {
                            limit.restartPatience()
                            throw failure
                        }
                        continue
                    }
                    attempt += Self.failures(at: limit, since: &known)
                    guard
                        let pause = retries.pause(
                            afterAttempt: attempt, headers: response.headers, random: .random(in: 0.5...1), now: now())
                    else { throw failure }
                    try await limit.sleep(for: pause)
                }
            case .failure(let error):
                guard let error = error as? CurlError, error.code != .cancelled else {
                    limit.release(ticket, .other)
                    throw error is CurlError ? CancellationError() : error
                }
                if ModelFailure.wasNeverSent(error) { attempts.wasRefused() }
                let isLost = [.connectionLost, .timeout].contains(error.code)
                limit.release(ticket, isLost ? .lost(ModelFailure.error(error)) : .other)
                attempt += Self.failures(at: limit, since: &known)
                guard ModelFailure.isRetried(error),
                    let pause = retries.pause(
                        afterAttempt: attempt, headers: nil, random: .random(in: 0.5...1), now: now())
                else { throw ModelFailure.error(error) }
                try await limit.sleep(for: pause)
            }
        }
    }

    /// The models that the server lists, by name.
    ///
    /// - Throws: what keeps the list from being read; completions may work all the same.
    func models(at address: ServerAddress) async throws -> [String: ListedModel] {
        guard let url = address.models else { return [:] }
        var request = HTTPRequest("GET", url, timeout: .seconds(15))
        address.authorise(&request, with: try secrets.read(for: address))
        do {
            let response = try await http.execute(request)
            guard response.status == 200 else {
                throw Self.failure(of: response)
            }
            return Dictionary((ListedModel.list(response.body) ?? []).map { ($0.id, $0) }) { first, _ in first }
        } catch let error as CurlError {
            throw ModelFailure.error(error)
        }
    }

    /// Asks for nothing, to learn whether completions are taken at the address: whoever takes them refuses the empty question.
    ///
    /// - Throws: `model.unauthorized`, `model.wrong_address`, `model.unreachable`, and what else keeps every call from an
    ///   answer.
    func probe(_ address: ServerAddress, model: String) async throws {
        var request = HTTPRequest(
            "POST", address.completions, headers: ["Content-Type": "application/json"], body: Array("{}".utf8),
            timeout: .seconds(15))
        address.authorise(&request, with: try secrets.read(for: address))
        do {
            let response = try await http.execute(request)
            let refusal = Self.refusal(response, ServerWords(response.body, isAnswer: response.status == 200))
            // A question without a model or messages is refused in many ways; a stub may even answer it.
            let isTelling =
                switch refusal.kind {
                case .unauthorized, .noCredit, .wrongAddress: true
                case .unknownModel: address.isAzure
                case .overloaded: refusal.httpStatus >= 502
                case .badAnswer: refusal.words.isHTML
                default: false
                }
            guard isTelling else { return }
            throw ModelFailure.error(refusal, model: model)
        } catch let error as CurlError where [.connectionLost, .timeout].contains(error.code) {
            // A server listens there; that it has no answer to an empty question is no failure.
        } catch let error as CurlError {
            throw ModelFailure.error(error)
        }
    }

    // MARK: One exchange

    private func post(
        _ request: CompletionRequest, to target: Target, leavingOut: Set<RefusedParameter.Spare>, secret: String?,
        on ticket: AdaptiveLimit.Ticket
    ) throws -> HTTPRequest {
        let body = try ChatBody(
            dialect: target.dialect, servedName: target.servedName, lora: target.lora, isOpenAI: target.isOpenAI,
            slot: ticket.slot, adapterPath: target.adapterPath, adapterSource: target.adapterSource,
            leavingOut: leavingOut
        ).json(of: request)
        var post = HTTPRequest(
            "POST", target.address.completions, headers: ["Content-Type": "application/json"], body: body,
            timeout: timeout, maximumBodyBytes: Self.mostBytes(of: request.decoding))
        target.address.authorise(&post, with: secret)
        // What is sent where nobody knows whether it will be answered is sent once.
        post.isConnectionFresh = ticket.isTrial
        return post
    }

    /// What an answer may have, everything around it included: more than any token has in JSON, and as much again for each of
    /// its probabilities.
    static func mostBytes(of decoding: DecodingDefinition) -> Int {
        let perToken = decoding.logprobs == true ? 8192 : 1024
        return min(64 << 20, max(0, decoding.maxTokens).saturatingProduct(perToken).saturatingSum(1 << 18))
    }

    private static func result<Value>(_ body: () async throws -> Value) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private func read(
        _ response: HTTPResponse, _ request: CompletionRequest, _ target: Target, _ secret: String?
    ) -> Result<Completion, ServerRefusal> {
        let words: ServerWords
        // Some gateways answer with 201 instead of 200.
        if (200..<300).contains(response.status) {
            switch ChatAnswer.read(response.body) {
            case .success(let answer):
                let isWrapped = target.dialect == .openAI && request.choices?.isEmpty == false
                return .success(
                    Completion(answer, to: request, isWrapped: isWrapped, exchange: response.exchangeTime))
            case .failure(let said): words = said
            }
        } else {
            words = ServerWords(response.body)
        }
        return .failure(
            ServerRefusal(
                status: response.status, headers: response.headers, words: words, request: request,
                privately: PrivateText(of: request, key: secret)))
    }

    /// - Parameter lost: how the call failed, where it may have been charged all the same.
    private static func outcome(
        of refusal: ServerRefusal, wish: Duration?, _ lost: FledgeError?
    ) -> AdaptiveLimit.Outcome {
        switch refusal.kind {
        case .rateLimited: .rateLimited(wish.map { min($0, RetryPolicy.longestObeyedRate) })
        case .overloaded where lost == nil: [503, 529].contains(refusal.status) ? .overloaded : .other
        case .overloaded, .timeout, .badAnswer: lost.map { .lost($0) } ?? .other
        case .unauthorized: .other
        default: .taken
        }
    }

    /// How often the server has failed as this call did, itself included, that the caller had not heard of.
    private static func failures(at limit: AdaptiveLimit, since known: inout ServerDoubt.Known?) -> Int {
        let before = known
        known = limit.doubt
        return max(1, known?.failures(since: before) ?? 1)
    }

    /// Whether a call that is refused for the rate goes on, which it does by waiting for its turn.
    private func isPatient(_ limit: AdaptiveLimit, since first: ContinuousClock.Instant) -> Bool {
        limit.barren <= patience && first.duration(to: limit.now) <= longestWait
    }

    // MARK: What else is asked

    /// What a response means that is no completion, and should have been a success.
    static func failure(of response: HTTPResponse) -> FledgeError {
        ModelFailure.error(refusal(response, ServerWords(response.body)), model: "")
    }

    private static func refusal(_ response: HTTPResponse, _ words: ServerWords) -> ServerRefusal {
        let none = CompletionRequest(model: "", adapter: nil, messages: [], decoding: .init(), choices: nil)
        return ServerRefusal(
            status: response.status, headers: response.headers, words: words, request: none,
            privately: PrivateText(texts: [], key: nil))
    }
}

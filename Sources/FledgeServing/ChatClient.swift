import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// One chat completion over HTTP: the call, what its failures mean, and when it is made again.
struct ChatClient: Sendable {
    struct Target: Sendable {
        /// Ends in `/v1`, without a slash behind it.
        var base: String
        var key: SecretReference?
        var dialect: ChatDialect
        var servedName: String
        var lora: [ChatBody.LoRAScale]?
        var slot: Int?
        /// Whether it is OpenAI's own service, whose newer models refuse `max_tokens`.
        var isOpenAI = false
    }

    let http: CurlClient
    var retries = RetryPolicy()
    var timeout: Duration = .seconds(120)
    var now: @Sendable () -> Date = { Date() }

    func complete(_ request: CompletionRequest, at target: Target, limit: AdaptiveLimit) async throws -> Completion {
        let body = try Self.encode(request, target)
        var attempt = 0
        while true {
            attempt += 1
            try await limit.acquire()
            let result: Result<HTTPResponse, any Error>
            do {
                result = .success(try await http.execute(try post(body, to: target)))
            } catch {
                result = .failure(error)
            }
            switch result {
            case .success(let response) where response.status == 200:
                limit.release(.success)
                return try ChatAnswer.completion(
                    from: response.body,
                    wrapped: target.dialect == .openAI && request.choices?.isEmpty == false ? request.choices : nil,
                    exchange: response.exchangeTime)
            case .success(let response):
                limit.release([429, 503, 529].contains(response.status) ? .overloaded : .other)
                let failure = ModelFailure.error(response, model: request.model)
                guard RetryPolicy.isRetried(status: response.status),
                    let pause = retries.pause(
                        afterAttempt: attempt, headers: response.headers, random: .random(in: 0.5...1), now: now())
                else { throw failure }
                // It may have been answered, and charged, behind whatever said that it took too long.
                if [408, 504].contains(response.status) { try await PaidCall.another?() }
                try await Task.sleep(for: pause)
            case .failure(let error):
                limit.release(.other)
                guard let error = error as? CurlError else { throw error }
                if error.code == .cancelled { throw CancellationError() }
                guard ModelFailure.isRetried(error),
                    let pause = retries.pause(
                        afterAttempt: attempt, headers: nil, random: .random(in: 0.5...1), now: now())
                else { throw ModelFailure.error(error) }
                if [.connectionLost, .timeout].contains(error.code) { try await PaidCall.another?() }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// The models that the server names, with who it says owns them.
    func models(base: String, key: SecretReference?) async throws -> [String: String] {
        struct List: Decodable {
            struct Model: Decodable {
                var id: String
                var ownedBy: String?
                enum CodingKeys: String, CodingKey { case id, ownedBy = "owned_by" }
            }
            var data: [Model]
        }
        var request = HTTPRequest("GET", base + "/models", timeout: .seconds(15))
        try Self.authorise(&request, key)
        do {
            let response = try await http.execute(request)
            guard response.status == 200 else { throw ModelFailure.error(response, model: "") }
            guard let list = try? JSONDecoder().decode(List.self, from: Data(response.body)) else { return [:] }
            return Dictionary(list.data.map { ($0.id, $0.ownedBy ?? "") }) { first, _ in first }
        } catch let error as CurlError {
            throw ModelFailure.error(error)
        }
    }

    private func post(_ body: [UInt8], to target: Target) throws -> HTTPRequest {
        var request = HTTPRequest(
            "POST", target.base + "/chat/completions", headers: ["Content-Type": "application/json"], body: body,
            timeout: timeout)
        try Self.authorise(&request, target.key)
        return request
    }

    private static func authorise(_ request: inout HTTPRequest, _ key: SecretReference?) throws {
        if let key { request.headers.append("Authorization", "Bearer \(try SecretReader.read(key))") }
    }

    private static func encode(_ request: CompletionRequest, _ target: Target) throws -> [UInt8] {
        try ChatBody(
            request, dialect: target.dialect, servedName: target.servedName, lora: target.lora,
            isOpenAI: target.isOpenAI, slot: target.slot
        ).json()
    }
}

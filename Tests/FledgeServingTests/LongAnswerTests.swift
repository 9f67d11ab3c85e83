import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Testing

@testable import FledgeServing

@Suite("An answer that is longer than was asked for")
struct LongAnswerTests {
    @Test("of megabytes to eight tokens is not read to its end, and counts for this question alone")
    func long() async throws {
        let text = String(repeating: "x", count: 5 << 20)
        let stub = StubHTTPServer { _ in
            .init(
                body: Array(
                    #"{"choices":[{"message":{"content":"\#(text)"},"finish_reason":"stop"}]}"#.utf8))
        }
        let port = try stub.listen()
        defer { stub.close() }
        let server = OpenAIModelServer(
            address: ServerAddress(base: "http://127.0.0.1:\(port)/v1", key: nil), http: CurlClient(),
            retries: RetryPolicy(attempts: 2, base: .milliseconds(1), cap: .milliseconds(2)), timeout: .seconds(20),
            clock: VirtualClock().limitClock)
        let question = CompletionRequest(
            model: "m", adapter: nil, messages: [ChatMessage(role: .user, content: "q")],
            decoding: DecodingDefinition(maxTokens: 8), choices: nil)
        let error = await #expect(throws: FledgeError.self) { _ = try await server.complete(question) }
        #expect(error?.code == .modelAnswerTooLong && error?.concernsOneQuestion == true)
    }

    @Test("what an answer may have grows with maxTokens, and ends")
    func grows() {
        func most(_ tokens: Int, logprobs: Bool? = nil) -> Int {
            ChatClient.mostBytes(of: DecodingDefinition(maxTokens: tokens, logprobs: logprobs))
        }
        #expect(most(8) < 300_000 && most(1000) > 1_000_000 && most(1000, logprobs: true) > most(1000))
        #expect(most(.max) == 64 << 20 && most(.min) == 1 << 18)
    }
}

import FledgeClient
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@Suite("Traces of the daemon", .timeLimit(.minutes(15)))
struct TracingTests {
    @Test(
        "a use case on its way to production is told to a collector, with the names of generative AI and without a text"
    )
    func wholeCycle() async throws {
        try await SpanCollector.with { collector in
            try await CountingModelServer.with { server in
                let variables: [String: String?] = [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_TRACES_EXPORTER": nil,
                    "OTEL_SDK_DISABLED": nil,
                ]
                try await TestDaemon.with(variables: variables) { daemon in
                    try await server.answer(upTo: .max)
                    _ = try await daemon.client.apply(try CrashUseCase.prompted(server: server.base, in: daemon.data))
                    try await daemon.reach("production", "live")
                    // What is left is sent as it stops.
                    _ = try await daemon.terminate()
                    let calls = try await server.count().calls
                    let spans = try collector.spans()
                    let chats = spans.filter { $0.attributes["gen_ai.operation.name"] == "chat" }
                    #expect(chats.count == calls)
                    let chat = try #require(chats.first)
                    #expect(chat.name == "chat counted" && chat.kind == 3)
                    #expect(chat.attributes["gen_ai.request.model"] == "counted")
                    #expect(Int(chat.attributes["gen_ai.usage.input_tokens"] ?? "") ?? 0 > 0)
                    #expect(chat.service == "fledged")
                    // Call under experiment under work.
                    let byID = Dictionary(spans.map { ($0.id, $0) }) { first, _ in first }
                    let experiment = try #require(chat.parent.flatMap { byID[$0] })
                    #expect(experiment.name == "experiment")
                    let work = try #require(experiment.parent.flatMap { byID[$0] })
                    #expect(work.name.hasPrefix("work ") && work.attributes["fledge.cycle.id"] != nil)
                    #expect(spans.contains { $0.name == "transition release-made" })
                    // Neither a question nor an instruction is in any of them.
                    let text = try collector.requests().map(\.body).joined()
                    #expect(!text.contains("thing ") && !text.contains("You name colours"))
                }
            }
        }
    }
}

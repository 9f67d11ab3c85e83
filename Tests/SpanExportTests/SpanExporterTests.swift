import FledgeTestKit
import Foundation
import Instrumentation
import Logging
import SpanExport
import Testing
import Tracing

@Suite("Spans")
struct SpanExporterTests {
    private static let logger = Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs the body with a tracer whose spans are exported; what is left is sent when the body returns.
    private func withExport(
        _ settings: SpanExportSettings, _ body: @Sendable (ExportingTracer, SpanExporter) async throws -> Void
    ) async throws -> SpanExporter {
        let tracer = ExportingTracer(settings)
        let exporter = SpanExporter(settings, tracer: tracer, logger: Self.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await exporter.run() }
            try await body(tracer, exporter)
            group.cancelAll()
        }
        return exporter
    }

    @Test("a collector receives spans under their parents, with attributes and statuses, and no error's text")
    func received() async throws {
        try await SpanCollector.with { collector in
            let environment = [
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint + "/", "OTEL_SERVICE_NAME": "ours",
                "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20key",
            ]
            let settings = try #require(
                SpanExportSettings(environment: environment, service: "fledged", version: "1"))
            struct Secret: Error, CustomStringConvertible { let description = "the prompt's text" }
            let exporter = try await withExport(settings) { tracer, _ in
                try? tracer.withSpan("outer", ofKind: .consumer) { span in
                    span.attributes["fledge.work.attempt"] = 3
                    tracer.withSpan("inner", ofKind: .client) { span in
                        span.attributes["gen_ai.request.temperature"] = 0.5
                        span.attributes["gen_ai.response.finish_reasons"] = ["stop"]
                    }
                    throw Secret()
                }
            }
            #expect(exporter.exported == 2)
            #expect(exporter.dropped == 0)
            let request = try #require(try collector.requests().first)
            #expect(request.path == "/v1/traces")
            #expect(request.type == "application/json")
            #expect(request.key == "a key")
            #expect(!request.body.contains("prompt's"))
            let spans = try collector.spans()
            let outer = try #require(spans.first { $0.name == "outer" })
            let inner = try #require(spans.first { $0.name == "inner" })
            #expect(outer.parent == nil && inner.parent == outer.id && inner.trace == outer.trace)
            #expect(outer.kind == 5 && inner.kind == 3)
            #expect(outer.start <= inner.start && inner.end <= outer.end)
            #expect(outer.attributes["fledge.work.attempt"] == "3")
            #expect(inner.attributes["gen_ai.request.temperature"] == "0.5")
            #expect(outer.status == 2 && inner.status == nil)
            #expect(outer.attributes["error.type"] == "Secret")
            #expect(outer.service == "ours")
        }
    }

    @Test("a collector that is busy is asked again; what one refuses is dropped and counted")
    func retries() async throws {
        for (statuses, exported, dropped, requests) in [([503, 200], 1, 0, 2), ([400], 0, 1, 1)] {
            try await SpanCollector.with(answering: statuses) { collector in
                var settings = SpanExportSettings(url: collector.endpoint + "/v1/traces")
                settings.batch = 1
                let exporter = try await withExport(settings) { tracer, exporter in
                    tracer.startSpan("one", context: .topLevel).end()
                    let isDone = await eventually { exporter.exported + exporter.dropped == 1 }
                    #expect(isDone)
                }
                #expect(exporter.exported == exported)
                #expect(exporter.dropped == dropped)
                #expect(try collector.requests().count == requests)
            }
        }
    }

    @Test("without a collector nothing waits, memory is bounded, and what is lost is counted")
    func away() async throws {
        var settings = SpanExportSettings(url: "http://127.0.0.1:1/v1/traces")
        settings.capacity = 100
        settings.delay = .seconds(3600)
        let tracer = ExportingTracer(settings)
        let exporter = SpanExporter(settings, tracer: tracer, logger: Self.logger)
        let start = ContinuousClock.now
        for _ in 0..<1000 { tracer.startSpan("one", context: .topLevel).end() }
        #expect(start.duration(to: .now) < .seconds(5))
        #expect(exporter.dropped == 900)
    }

    @Test("a trace is kept or left out whole, and the share that is kept is the one that was asked for")
    func sampled() async throws {
        var settings = SpanExportSettings(url: "http://127.0.0.1:1/v1/traces")
        settings.ratio = 0.25
        let tracer = ExportingTracer(settings)
        var kept = 0
        for _ in 0..<4000 {
            let root = tracer.startSpan("root", context: .topLevel)
            let child = tracer.startSpan("child", context: root.context)
            #expect(root.isRecording == child.isRecording)
            kept += root.isRecording ? 1 : 0
        }
        // Six standard deviations of a binomial share.
        #expect(abs(kept - 1000) < 165)
    }

    @Test("a trace goes on in another process by its header")
    func propagates() throws {
        struct Headers: Injector, Extractor {
            func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
                carrier[key] = value
            }
            func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        }
        let tracer = ExportingTracer(SpanExportSettings(url: ""))
        let span = tracer.startSpan("one", context: .topLevel)
        var headers: [String: String] = [:]
        tracer.inject(span.context, into: &headers, using: Headers())
        var context = ServiceContext.topLevel
        tracer.extract(headers, into: &context, using: Headers())
        #expect(context.span != nil && context.span == span.context.span)
        for bad in ["", "00-0-0-01", "00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01", "nonsense"] {
            var context = ServiceContext.topLevel
            tracer.extract(["traceparent": bad], into: &context, using: Headers())
            #expect(context.span == nil)
        }
    }

    @Test(
        "nothing is exported unless the environment asks for it",
        arguments: [
            [:], ["OTEL_EXPORTER_OTLP_ENDPOINT": ""],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "true"],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_EXPORTER": "none"],
        ])
    func off(environment: [String: String]) {
        #expect(SpanExportSettings(environment: environment, service: "s", version: "1") == nil)
    }
}

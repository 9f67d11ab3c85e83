import CurlClient
import Foundation
import Logging
import Synchronization
import Tracing

/// Sends finished spans to a collector, in batches, as OTLP over HTTP in JSON.
///
/// Source: OpenTelemetry Protocol 1.x, "OTLP/HTTP" and "JSON Protobuf Encoding".
package struct SpanExporter: Sendable {
    /// How often one batch is tried.
    private static let attempts = 3

    private let settings: SpanExportSettings
    private let buffer: SpanBuffer
    private let client = CurlClient()
    private let logger: Logger
    private let sent = Counter()

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    package init(_ settings: SpanExportSettings, tracer: ExportingTracer, logger: Logger) {
        self.settings = settings
        self.logger = logger
        buffer = tracer.buffer
    }

    /// Spans that the collector has taken.
    package var exported: Int { sent.value.load(ordering: .relaxed) }
    /// Spans that found no place, or that the collector did not take.
    package var dropped: Int { buffer.dropped }

    /// Exports until the task is cancelled, then what is left, once.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            let ticks = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            group.addTask { for await _ in buffer.hints { ticks.continuation.yield() } }
            group.addTask {
                while (try? await Task.sleep(for: settings.delay)) != nil { ticks.continuation.yield() }
                ticks.continuation.finish()
            }
            for await _ in ticks.stream { await drain(attempts: Self.attempts) }
            group.cancelAll()
        }
        // Not cancelled with the rest: the last spans tell how it ended. Bounded by the request's timeout.
        await Task { await drain(attempts: 1) }.value
    }

    private func drain(attempts: Int) async {
        while true {
            let spans = buffer.take()
            if spans.isEmpty { return }
            if await send(spans, attempts: attempts) {
                sent.value.add(spans.count, ordering: .relaxed)
            } else {
                buffer.drop(spans.count)
            }
            if spans.count < settings.batch { return }
        }
    }

    private func send(_ spans: [FinishedSpan], attempts: Int) async -> Bool {
        guard let body = try? JSONEncoder().encode(OTLPTraces(spans, resource: settings.resource)) else { return false }
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        for (name, value) in settings.headers { headers.append(name, value) }
        for attempt in 1...attempts {
            do {
                let response = try await client.execute(
                    HTTPRequest("POST", settings.url, headers: headers, body: [UInt8](body), timeout: settings.timeout))
                if (200..<300).contains(response.status) { return true }
                // Only these are worth another try.
                guard [429, 502, 503, 504].contains(response.status) else {
                    logger.debug("the collector refused spans", metadata: ["status": "\(response.status)"])
                    return false
                }
            } catch {
                logger.debug("the collector did not take spans", metadata: ["error": "\(error.code)"])
            }
            guard attempt < attempts, (try? await Task.sleep(for: .seconds(1 << (attempt - 1)))) != nil else { break }
        }
        return false
    }
}

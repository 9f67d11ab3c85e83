import FledgeEngine
import Logging
import OpenMetrics
import ServiceLifecycle
import SpanExport
import Tracing

/// Sends the daemon's spans to the collector that OpenTelemetry's environment variables name.
package struct SpanExportService: Service {
    private let exporter: SpanExporter

    /// Makes the tracer that every span of this process goes through. Nil when the environment names no collector: spans
    /// then cost next to nothing.
    static func start(environment: [String: String], logger: Logger) -> SpanExportService? {
        guard
            let settings = SpanExportSettings(
                environment: environment, service: "fledged", version: FledgeVersion.current)
        else { return nil }
        let tracer = ExportingTracer(settings)
        InstrumentationSystem.bootstrap(tracer)
        return SpanExportService(exporter: SpanExporter(settings, tracer: tracer, logger: logger))
    }

    package func run() async throws { await cancelWhenGracefulShutdown { await exporter.run() } }

    var families: [MetricFamily] {
        [
            MetricFamily(
                MetricDescription("fledge_spans_exported", .counter, "Spans that the collector has taken."),
                [MetricSample("_total", [], Double(exporter.exported))]),
            MetricFamily(
                MetricDescription("fledge_spans_dropped", .counter, "Spans that found no place or were not taken."),
                [MetricSample("_total", [], Double(exporter.dropped))]),
        ]
    }
}

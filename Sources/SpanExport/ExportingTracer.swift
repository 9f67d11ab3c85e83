import Instrumentation
import Tracing

/// A tracer of swift-distributed-tracing whose spans go to an OpenTelemetry collector.
///
/// Source: W3C Trace Context for what crosses a process.
package struct ExportingTracer: Tracer {
    package typealias Span = ExportedSpan

    let buffer: SpanBuffer
    private let ratio: Double

    package init(_ settings: SpanExportSettings) {
        buffer = SpanBuffer(capacity: settings.capacity, batch: settings.batch)
        ratio = settings.ratio
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> ExportedSpan {
        let context = context()
        let parent = context.span
        return ExportedSpan(
            operationName, context: context,
            identity: parent.map(SpanIdentity.init(childOf:)) ?? SpanIdentity(ratio: ratio), parent: parent?.span,
            kind: kind, start: instant().nanosecondsSinceEpoch, buffer: buffer)
    }

    /// Spans are exported in their own time: a caller that had to wait for a collector would wait for an outage.
    package func forceFlush() {}

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let span = context.span { injector.inject(span.traceparent, forKey: "traceparent", into: &carrier) }
    }

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "traceparent", from: carrier) else { return }
        if let span = SpanIdentity(traceparent: text) { context.span = span }
    }
}

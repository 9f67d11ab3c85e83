import Synchronization
import Tracing

/// A span under way; when it ends, it goes to the buffer that is exported.
package final class ExportedSpan: Span {
    private struct State {
        var name: String
        var attributes = SpanAttributes()
        var status: SpanStatus?
        var isEnded = false
    }

    package let context: ServiceContext
    let identity: SpanIdentity
    private let parent: String?
    private let kind: SpanKind
    private let start: UInt64
    private let buffer: SpanBuffer
    private let state: Mutex<State>

    init(
        _ name: String, context: ServiceContext, identity: SpanIdentity, parent: String?, kind: SpanKind, start: UInt64,
        buffer: SpanBuffer
    ) {
        var context = context
        context.span = identity
        self.context = context
        self.identity = identity
        self.parent = parent
        self.kind = kind
        self.start = start
        self.buffer = buffer
        state = Mutex(State(name: name))
    }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    package var isRecording: Bool { identity.isSampled && !state.withLock { $0.isEnded } }

    package func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }
    // Events and links are not exported.
    package func addEvent(_ event: SpanEvent) {}
    package func addLink(_ link: SpanLink) {}

    /// Only that there was an error, and of which type: its text could quote data.
    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        state.withLock { state in
            if state.status == nil { state.status = SpanStatus(code: .error) }
            if state.attributes.get("error.type") == nil { state.attributes["error.type"] = "\(type(of: error))" }
        }
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let ended = state.withLock { state -> State? in
            guard !state.isEnded else { return nil }
            state.isEnded = true
            return state
        }
        guard let ended, identity.isSampled else { return }
        buffer.add(
            FinishedSpan(
                identity: identity, parent: parent, name: ended.name, kind: kind, start: start,
                end: max(start, instant().nanosecondsSinceEpoch), attributes: ended.attributes, status: ended.status))
    }
}

/// A span that is over.
struct FinishedSpan: Sendable {
    let identity: SpanIdentity
    /// The parent's 16 hexadecimal digits; nil for the first of a trace.
    let parent: String?
    let name: String
    let kind: SpanKind
    /// Nanoseconds since 1970.
    let start: UInt64
    let end: UInt64
    let attributes: SpanAttributes
    let status: SpanStatus?
}

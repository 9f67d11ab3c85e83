import Instrumentation

/// Which trace and which span, as W3C Trace Context writes them.
package struct SpanIdentity: Sendable, Hashable {
    /// 32 hexadecimal digits.
    package let trace: String
    /// 16 hexadecimal digits.
    package let span: String
    /// Whether the trace is kept.
    package let isSampled: Bool

    /// A new trace, kept with the given probability.
    init(ratio: Double) {
        let high = UInt64.random(in: 1...UInt64.max)
        trace = Self.hex(high) + Self.hex(UInt64.random(in: 0...UInt64.max))
        span = Self.hex(UInt64.random(in: 1...UInt64.max))
        isSampled = ratio >= 1 || Double(high) < ratio * 0x1p64
    }

    init(childOf parent: SpanIdentity) {
        trace = parent.trace
        span = Self.hex(UInt64.random(in: 1...UInt64.max))
        isSampled = parent.isSampled
    }

    /// `00-TRACE-SPAN-FLAGS`; nil for anything else.
    package init?(traceparent text: String) {
        guard let match = text.wholeMatch(of: /[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?/),
            !text.hasPrefix("ff"), match.1.contains(where: { $0 != "0" }), match.2.contains(where: { $0 != "0" }),
            let flags = UInt8(match.3, radix: 16)
        else { return nil }
        trace = String(match.1)
        span = String(match.2)
        isSampled = flags & 1 == 1
    }

    package var traceparent: String { "00-\(trace)-\(span)-\(isSampled ? "01" : "00")" }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

private enum SpanIdentityKey: ServiceContextKey {
    typealias Value = SpanIdentity
}

extension ServiceContext {
    /// The span that work is done under.
    package var span: SpanIdentity? {
        get { self[SpanIdentityKey.self] }
        set { self[SpanIdentityKey.self] = newValue }
    }
}

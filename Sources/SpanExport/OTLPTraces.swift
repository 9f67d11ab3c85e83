import Tracing

/// The body of a request to `/v1/traces`.
struct OTLPTraces: Encodable {
    struct Resource: Encodable { let attributes: [Attribute] }
    struct Scope: Encodable { let name: String }

    struct Attribute: Encodable {
        let key: String
        let value: Value
    }

    struct ArrayOfValues: Encodable { let values: [Value] }

    enum Value: Encodable {
        case string(String)
        case int(Int64)
        case double(Double)
        case bool(Bool)
        case array([Value])

        private enum Key: String, CodingKey { case stringValue, intValue, doubleValue, boolValue, arrayValue }

        func encode(to encoder: any Encoder) throws {
            var box = encoder.container(keyedBy: Key.self)
            switch self {
            case .string(let value): try box.encode(value, forKey: .stringValue)
            // 64-bit integers are text in JSON Protobuf.
            case .int(let value): try box.encode(String(value), forKey: .intValue)
            case .double(let value): try box.encode(value, forKey: .doubleValue)
            case .bool(let value): try box.encode(value, forKey: .boolValue)
            case .array(let values): try box.encode(ArrayOfValues(values: values), forKey: .arrayValue)
            }
        }
    }

    struct Status: Encodable {
        /// 1 ok, 2 error.
        let code: Int
        let message: String?
    }

    struct Span: Encodable {
        let traceId: String
        let spanId: String
        let parentSpanId: String?
        let name: String
        let kind: Int
        let startTimeUnixNano: String
        let endTimeUnixNano: String
        let attributes: [Attribute]
        let status: Status?
    }

    struct ScopeSpans: Encodable {
        let scope: Scope
        let spans: [Span]
    }

    struct ResourceSpans: Encodable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }

    let resourceSpans: [ResourceSpans]

    init(_ spans: [FinishedSpan], resource: [(name: String, value: String)]) {
        resourceSpans = [
            ResourceSpans(
                resource: Resource(attributes: resource.map { Attribute(key: $0.name, value: .string($0.value)) }),
                scopeSpans: [ScopeSpans(scope: Scope(name: "fledge"), spans: spans.map(Span.init))])
        ]
    }
}

extension OTLPTraces.Span {
    fileprivate init(_ span: FinishedSpan) {
        traceId = span.identity.trace
        spanId = span.identity.span
        parentSpanId = span.parent
        name = span.name
        kind =
            switch span.kind {
            case .server: 2
            case .client: 3
            case .producer: 4
            case .consumer: 5
            default: 1
            }
        startTimeUnixNano = String(span.start)
        endTimeUnixNano = String(span.end)
        var attributes: [OTLPTraces.Attribute] = []
        span.attributes.forEach { key, value in
            if let value = OTLPTraces.Value(value) { attributes.append(OTLPTraces.Attribute(key: key, value: value)) }
        }
        self.attributes = attributes.sorted { $0.key < $1.key }
        status = span.status.map { OTLPTraces.Status(code: $0.code == .ok ? 1 : 2, message: $0.message) }
    }
}

extension OTLPTraces.Value {
    fileprivate init?(_ attribute: SpanAttribute) {
        switch attribute {
        case .int32(let value): self = .int(Int64(value))
        case .int64(let value): self = .int(value)
        case .double(let value) where value.isFinite: self = .double(value)
        case .bool(let value): self = .bool(value)
        case .string(let value): self = .string(value)
        case .stringArray(let values): self = .array(values.map { .string($0) })
        default: return nil
        }
    }
}

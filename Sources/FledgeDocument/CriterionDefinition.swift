/// A bound on a metric, and the confidence with which it must be shown to hold.
public struct CriterionDefinition: Codable, Hashable, Sendable {
    public var metric: MetricDefinition
    /// In the metric's own unit: a fraction 0…1, seconds, US dollars or tokens.
    public var bound: Bound
    /// A fraction, 0…1 exclusive.
    public var confidence: Double

    public init(metric: MetricDefinition, bound: Bound, confidence: Double = 0.95) {
        self.metric = metric
        self.bound = bound
        self.confidence = confidence
    }
}

/// The side on which a value is good.
public enum Bound: Hashable, Sendable {
    /// The value has to be this or more, in the metric's unit.
    case atLeast(Double)
    /// The value has to be this or less, in the metric's unit.
    case atMost(Double)

    public var value: Double {
        switch self {
        case .atLeast(let value), .atMost(let value): value
        }
    }
}

extension Bound: Codable {
    private enum Key: String, CodingKey { case kind, value }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        let value = try box.decode(Double.self, forKey: .value)
        switch try box.decode(String.self, forKey: .kind) {
        case "atLeast": self = .atLeast(value)
        case "atMost": self = .atMost(value)
        case let other: throw unknownKind(other, of: "bound", at: Key.kind, in: box)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .atLeast(let value):
            try box.encode("atLeast", forKey: .kind)
            try box.encode(value, forKey: .value)
        case .atMost(let value):
            try box.encode("atMost", forKey: .kind)
            try box.encode(value, forKey: .value)
        }
    }
}

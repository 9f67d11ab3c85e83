/// What is measured of an answer; the formulas stand with the scorers.
public enum MetricDefinition: Hashable, Sendable {
    /// The answer is the expected text, character for character.
    case exactMatch
    /// The same words, numbers and marks that carry meaning; stricter where that would join two expected texts of the data.
    case normalizedMatch
    /// The answer names the expected label, and no other: compared as `normalizedMatch`.
    case accuracy
    /// The unweighted mean of the labels' F1; an answer names a label as for `accuracy`.
    case macroF1
    /// F1 over the words that answer and expected text share.
    case tokenF1
    /// The pattern is found somewhere in the answer.
    case regularExpression(String)
    /// The named field of the answer's JSON object equals that of the expected one.
    case jsonField(String, JSONFieldComparison = .meaning)
    /// The answer is a number within `tolerance` of the expected one.
    case numeric(tolerance: Double)
    /// The answer is one of those that are allowed.
    case validOutput
    /// All of `repeats` answers to one example agree; `examples` of the split are repeated, or every one.
    case consistency(repeats: Int, examples: Int?)
    /// The score stays what it was when the inputs are changed in each of these ways; `examples` of the split are asked so,
    /// or every one.
    case robustness([PerturbationDefinition], examples: Int?)
    /// Seconds from sending the request to the end of the answer.
    case latency(percentile: LatencyPercentile)
    /// US dollars for a thousand calls.
    case costPerThousandCalls
    /// Prompt and completion tokens of a call, on average.
    case tokensPerCall
    /// A model says, by a rubric, whether the answer passes.
    case judged(JudgeDefinition)
}

/// How two values of a JSON field are compared.
public enum JSONFieldComparison: String, Codable, Hashable, Sendable, CaseIterable {
    /// Numbers as decimals, texts as labels are.
    case meaning
    /// As they are written.
    case exact
}

/// Percentiles that a latency criterion may bound.
public enum LatencyPercentile: Int, Codable, Hashable, Sendable, CaseIterable {
    /// The median.
    case p50 = 50
    /// The time that 90% of the calls take at most.
    case p90 = 90
    /// The time that 95% of the calls take at most.
    case p95 = 95
    /// The time that 99% of the calls take at most.
    case p99 = 99
}

extension MetricDefinition {
    /// A metric's family, without its parameters.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        case exactMatch, normalizedMatch, accuracy, macroF1, tokenF1, regularExpression, jsonField, numeric, validOutput
        case consistency, robustness, latency, costPerThousandCalls, tokensPerCall, judged
    }

    public var kind: Kind {
        switch self {
        case .exactMatch: .exactMatch
        case .normalizedMatch: .normalizedMatch
        case .accuracy: .accuracy
        case .macroF1: .macroF1
        case .tokenF1: .tokenF1
        case .regularExpression: .regularExpression
        case .jsonField: .jsonField
        case .numeric: .numeric
        case .validOutput: .validOutput
        case .consistency: .consistency
        case .robustness: .robustness
        case .latency: .latency
        case .costPerThousandCalls: .costPerThousandCalls
        case .tokensPerCall: .tokensPerCall
        case .judged: .judged
        }
    }
}

extension MetricDefinition: Codable {
    private enum Key: String, CodingKey {
        case kind, pattern, field, comparison, tolerance, repeats, perturbations, examples, percentile, judge
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(Kind.self, forKey: .kind) {
        case .exactMatch: self = .exactMatch
        case .normalizedMatch: self = .normalizedMatch
        case .accuracy: self = .accuracy
        case .macroF1: self = .macroF1
        case .tokenF1: self = .tokenF1
        case .regularExpression: self = .regularExpression(try box.decode(String.self, forKey: .pattern))
        case .jsonField:
            self = .jsonField(
                try box.decode(String.self, forKey: .field),
                try box.decodeIfPresent(JSONFieldComparison.self, forKey: .comparison) ?? .meaning)
        case .numeric: self = .numeric(tolerance: try box.decode(Double.self, forKey: .tolerance))
        case .validOutput: self = .validOutput
        case .consistency:
            self = .consistency(
                repeats: try box.decode(Int.self, forKey: .repeats),
                examples: try box.decodeIfPresent(Int.self, forKey: .examples))
        case .robustness:
            self = .robustness(
                try box.decode([PerturbationDefinition].self, forKey: .perturbations),
                examples: try box.decodeIfPresent(Int.self, forKey: .examples))
        case .latency: self = .latency(percentile: try box.decode(LatencyPercentile.self, forKey: .percentile))
        case .costPerThousandCalls: self = .costPerThousandCalls
        case .tokensPerCall: self = .tokensPerCall
        case .judged: self = .judged(try box.decode(JudgeDefinition.self, forKey: .judge))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        try box.encode(kind, forKey: .kind)
        switch self {
        case .exactMatch, .normalizedMatch, .accuracy, .macroF1, .tokenF1, .validOutput, .costPerThousandCalls,
            .tokensPerCall:
            break
        case .regularExpression(let pattern): try box.encode(pattern, forKey: .pattern)
        case .jsonField(let field, let comparison):
            try box.encode(field, forKey: .field)
            if comparison != .meaning { try box.encode(comparison, forKey: .comparison) }
        case .numeric(let tolerance): try box.encode(tolerance, forKey: .tolerance)
        case .consistency(let repeats, let examples):
            try box.encode(repeats, forKey: .repeats)
            try box.encodeIfPresent(examples, forKey: .examples)
        case .robustness(let perturbations, let examples):
            try box.encode(perturbations, forKey: .perturbations)
            try box.encodeIfPresent(examples, forKey: .examples)
        case .latency(let percentile): try box.encode(percentile, forKey: .percentile)
        case .judged(let judge): try box.encode(judge, forKey: .judge)
        }
    }
}

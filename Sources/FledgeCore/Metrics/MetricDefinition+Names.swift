import FledgeDocument

extension MetricDefinition {
    /// The key of the metric's score in a sample: stable, and different for different parameters.
    package var name: String {
        switch self {
        case .exactMatch: "exact-match"
        case .normalizedMatch: "normalized-match"
        case .accuracy: "accuracy"
        case .tokenF1: "token-f1"
        case .regularExpression(let pattern): "regular-expression:\(pattern)"
        case .jsonField(let field, .meaning): "json-field:\(field)"
        case .jsonField(let field, .exact): "exact-json-field:\(field)"
        case .numeric(let tolerance): "numeric:\(tolerance)"
        case .validOutput: "valid-output"
        case .consistency(let repeats, _): "consistency:\(repeats)"
        case .robustness(let perturbations, _): "robustness:\(perturbations.map(\.title).joined(separator: ","))"
        case .latency(let percentile): "latency:p\(percentile.rawValue)"
        case .costPerThousandCalls: "cost-per-thousand-calls"
        case .tokensPerCall: "tokens-per-call"
        case .judged(let judge): "judged:\(judge.name)"
        }
    }

    /// The metric's name for people.
    package var title: String {
        switch self {
        case .exactMatch: "exact match"
        case .normalizedMatch: "normalised match"
        case .accuracy: "accuracy"
        case .tokenF1: "token F1"
        case .regularExpression(let pattern): "match of /\(pattern)/"
        case .jsonField(let field, .meaning): "JSON field \(field)"
        case .jsonField(let field, .exact): "JSON field \(field), exactly"
        case .numeric(let tolerance): "number within \(tolerance)"
        case .validOutput: "valid output"
        case .consistency(let repeats, _): "consistency over \(repeats) repeats"
        case .robustness(let perturbations, _):
            "robustness to \(perturbations.map(\.title).joined(separator: ", "))"
        case .latency(let percentile): "latency p\(percentile.rawValue)"
        case .costPerThousandCalls: "cost of 1,000 calls"
        case .tokensPerCall: "tokens per call"
        case .judged(let judge): "\(judge.name) as \(judge.model) judges"
        }
    }
}

extension PerturbationDefinition {
    /// The perturbation's name for people.
    package var title: String {
        switch self {
        case .letterCase: "case"
        case .typos: "typos"
        case .reorderedChoices: "reordered choices"
        case .paraphrase(let field): "paraphrases in \(field)"
        }
    }
}

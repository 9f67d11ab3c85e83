/// A bound on a metric: what `Require` takes, and `Advance` too.
public protocol CriterionElement: ConditionElement, RequirementElement {
    /// The criterion in its wire form.
    var criterion: CriterionDefinition { get }
}

extension CriterionElement {
    public var condition: AdvanceCondition { .criterion(criterion) }

    public func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).require[\(validation.require.count)]", line)
        validation.require.append(criterion)
    }
}

/// The share of answers that are the expected text, character for character.
public struct ExactMatch: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a share.
    ///
    /// - Parameters:
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(atLeast value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(metric: .exactMatch, bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The share of answers that have the words, numbers and meaning marks of the expected text.
public struct NormalizedMatch: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a share.
    ///
    /// - Parameters:
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(atLeast value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(metric: .normalizedMatch, bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The share of answers that name the expected label.
public struct Accuracy: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a share.
    ///
    /// - Parameters:
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(atLeast value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(metric: .accuracy, bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The unweighted mean of the labels' F1, so that rare labels count as much as frequent ones: 0 to 1.
///
/// The labels are the distinct expected answers of the rows that are judged, and answers are compared with them as `Accuracy`
/// does. An answer that names none of them, or a label that no judged row expects, is a miss of the expected label; it forms
/// no class of its own. A label without one right answer has an F1 of 0. Prompts are not ranked by it, as it is no score of a
/// single answer: `check` refuses it where nothing else is.
public struct MacroF1: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a mean F1.
    ///
    /// - Parameters:
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(atLeast value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(metric: .macroF1, bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The mean F1 over the words that answer and expected text share.
public struct TokenF1: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a mean F1.
    ///
    /// - Parameters:
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(atLeast value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(metric: .tokenF1, bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The share of answers that are among those allowed.
public struct ValidOutput: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a share.
    ///
    /// - Parameters:
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(atLeast value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(metric: .validOutput, bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The share of answers in which the pattern is found.
public struct RegularExpression: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a share.
    ///
    /// - Parameters:
    ///   - pattern: a regular expression of ICU's syntax; `^` and `$` match at line ends.
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(_ pattern: String, atLeast value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(
            metric: .regularExpression(pattern), bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The share of answers whose JSON field equals that of the expected JSON: by what it means (`1.10` is `1.1`), or as it is
/// written with `.exact`.
public struct JSONField: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a share.
    ///
    /// - Parameters:
    ///   - field: a path of names with dots between them, such as `price.amount`.
    ///   - comparison: whether the values are compared by what they mean or as they are written.
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(
        _ field: String, _ comparison: JSONFieldComparison = .meaning, atLeast value: Double, confidence: Double = 0.95,
        line: Int = #line
    ) {
        criterion = CriterionDefinition(
            metric: .jsonField(field, comparison), bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The share of answers that are a number within a tolerance of the expected one.
public struct Numeric: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a share.
    ///
    /// - Parameters:
    ///   - tolerance: the largest difference that is right, in the numbers' own unit: 0 and more.
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(within tolerance: Double, atLeast value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(
            metric: .numeric(tolerance: tolerance), bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// The share of examples whose repeated answers all agree.
public struct Consistency: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at least a share.
    ///
    /// - Parameters:
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - repeats: how often each example is asked: 2 to 1000.
    ///   - examples: how many examples of the holdout are repeated; all unless said.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(
        atLeast value: Double, repeats: Int, examples: Int? = nil, confidence: Double = 0.95, line: Int = #line
    ) {
        criterion = CriterionDefinition(
            metric: .consistency(repeats: repeats, examples: examples), bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}

/// A percentile of the time from sending a request to the end of its answer.
public struct Latency: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at most a time.
    ///
    /// - Parameters:
    ///   - percentile: which percentile of the times is bounded.
    ///   - value: the longest time, above 0.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(
        _ percentile: LatencyPercentile, atMost value: Duration, confidence: Double = 0.95, line: Int = #line
    ) {
        criterion = CriterionDefinition(
            metric: .latency(percentile: percentile), bound: .atMost(value.inSeconds), confidence: confidence)
        self.line = line
    }
}

/// What a thousand calls cost.
public struct CostPerThousandCalls: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at most a cost. The models' prices say what a call costs: without them `fledge check` refuses it.
    ///
    /// - Parameters:
    ///   - value: the highest cost of a thousand calls, above 0.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(atMost value: Money, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(
            metric: .costPerThousandCalls, bound: .atMost(Double(value.microDollars) / 1e6), confidence: confidence)
        self.line = line
    }
}

/// Prompt and completion tokens of a call, on average.
public struct TokensPerCall: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// Asks for at most a mean number of tokens.
    ///
    /// - Parameters:
    ///   - value: the most tokens a call, above 0.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(atMost value: Double, confidence: Double = 0.95, line: Int = #line) {
        criterion = CriterionDefinition(metric: .tokensPerCall, bound: .atMost(value), confidence: confidence)
        self.line = line
    }
}

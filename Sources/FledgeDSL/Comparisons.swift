/// What a candidate can be compared with.
public enum ComparisonReference: Sendable {
    /// The release that production uses. While there is none, a comparison says so and holds nothing up.
    case champion
}

/// A part of a `Require` block: a bound on a metric, or a comparison with the champion.
public protocol RequirementElement: Sendable {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - validation: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations)
}

/// A comparison with the champion on the same examples.
public protocol ComparisonElement: RequirementElement {
    /// The comparison in its wire form.
    var comparison: ComparisonDefinition { get }
    /// The line on which it was written.
    var line: Int { get }
}

extension ComparisonElement {
    public func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations) {
        var comparisons = validation.comparisons ?? []
        locations.note("\(path).comparisons[\(comparisons.count)]", line)
        comparisons.append(comparison)
        validation.comparisons = comparisons
    }
}

/// The candidate's mean score is less than a margin below the champion's (non-inferiority).
public struct NoWorseThan: ComparisonElement {
    public let comparison: ComparisonDefinition
    public let line: Int

    /// - Parameters:
    ///   - reference: what the candidate is compared with.
    ///   - margin: a fraction of the metric's scale: 0.02 is two points.
    ///   - metric: the first quality metric that validation requires unless said.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(
        _ reference: ComparisonReference, by margin: Double, on metric: MetricDefinition? = nil,
        confidence: Double = 0.95, line: Int = #line
    ) {
        comparison = ComparisonDefinition(kind: .noWorse, metric: metric, margin: margin, confidence: confidence)
        self.line = line
    }
}

/// The candidate's mean score is above the champion's, by more than a margin where one is given.
public struct BetterThan: ComparisonElement {
    public let comparison: ComparisonDefinition
    public let line: Int

    /// Asks that the candidate is shown to score above the champion.
    ///
    /// - Parameters:
    ///   - reference: what the candidate is compared with.
    ///   - margin: a fraction of the metric's scale, 0 and more, below 1: 0.02 is two points.
    ///   - metric: the first quality metric that validation requires unless said.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(
        _ reference: ComparisonReference, by margin: Double = 0, on metric: MetricDefinition? = nil,
        confidence: Double = 0.95, line: Int = #line
    ) {
        comparison = ComparisonDefinition(kind: .better, metric: metric, margin: margin, confidence: confidence)
        self.line = line
    }
}

/// A call of the candidate costs less than the champion's, by at least a share. With `NoWorseThan` it lets a candidate win
/// by its cost.
public struct CheaperThan: ComparisonElement {
    public let comparison: ComparisonDefinition
    public let line: Int

    /// - Parameters:
    ///   - reference: what the candidate is compared with.
    ///   - share: of the champion's cost: 0.10 is a tenth cheaper.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(_ reference: ComparisonReference, by share: Double, confidence: Double = 0.95, line: Int = #line) {
        comparison = ComparisonDefinition(kind: .cheaper, margin: share, confidence: confidence)
        self.line = line
    }
}

/// Fields of the data rows whose every value is judged by itself: a slice that misses a bar, or that the champion answers
/// better, fails the gate whatever the mean says.
public struct Slices: ValidationElement {
    let slices: SlicesDefinition
    let line: Int

    /// - Parameters:
    ///   - fields: fields of the data rows.
    ///   - examples: slices with fewer are reported, and decide nothing.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(_ fields: String..., examples: Int = 20, confidence: Double = 0.95, line: Int = #line) {
        slices = SlicesDefinition(fields: fields, minimumExamples: examples, confidence: confidence)
        self.line = line
    }

    public func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).slices", line)
        validation.slices = slices
    }
}

/// A change of the inputs that should not change what is right.
public enum Perturbation: Sendable {
    /// Other letters' case.
    case `case`
    /// A few slips of the finger.
    case typos
    /// The choices in another order.
    case reorderedChoices
    /// Other words for the first input, out of a field of the data rows.
    case paraphrases(String)

    var definition: PerturbationDefinition {
        switch self {
        case .case: .letterCase
        case .typos: .typos
        case .reorderedChoices: .reorderedChoices
        case .paraphrases(let field): .paraphrase(field: field)
        }
    }
}

/// The share of examples whose score holds up under every perturbation.
public struct Robustness: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// - Parameters:
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - perturbations: the changes, one or more.
    ///   - examples: of the holdout, asked once more for each perturbation.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - line: the line on which it is written.
    public init(
        atLeast value: Double, perturbations: Perturbation..., examples: Int? = nil, confidence: Double = 0.95,
        line: Int = #line
    ) {
        criterion = CriterionDefinition(
            metric: .robustness(perturbations.map(\.definition), examples: examples), bound: .atLeast(value),
            confidence: confidence)
        self.line = line
    }
}

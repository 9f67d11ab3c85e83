/// The gate: what must be shown on examples that nothing else has seen.
public struct Validation: UseCaseElement {
    let elements: [any ValidationElement]
    let line: Int

    /// Makes the part out of what its block holds.
    ///
    /// - Parameters:
    ///   - content: `Require` and the other parts of the block.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @ValidationBuilder _ content: () -> [any ValidationElement]) {
        self.elements = content()
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("validation", line)
        var validation = ValidationDefinition()
        for element in elements {
            element.lower(into: &validation, at: "validation", noting: &locations)
        }
        definition.validation = validation
    }
}

/// A part of a `Validation` block.
public protocol ValidationElement: Sendable {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - validation: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `Validation` block.
@resultBuilder
public enum ValidationBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some ValidationElement) -> [any ValidationElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(
        *, unavailable,
        message:
            "a Validation block takes Require { … }, Slices, HoldoutLooks and MissingAnswers; criteria go inside Require"
    )
    public static func buildExpression<Other>(_ other: Other) -> [any ValidationElement] { [] }
}

/// The criteria, every one of which must pass.
public struct Require: ValidationElement {
    let requirements: [any RequirementElement]
    let line: Int

    /// Makes the bar out of the criteria of the block.
    ///
    /// - Parameters:
    ///   - content: criteria such as `Accuracy`, and comparisons such as `NoWorseThan`.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @RequireBuilder _ content: () -> [any RequirementElement]) {
        self.requirements = content()
        self.line = line
    }

    public func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).require", line)
        for element in requirements { element.lower(into: &validation, at: path, noting: &locations) }
    }
}

/// Collects the criteria of a `Require` block.
@resultBuilder
public enum RequireBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some RequirementElement) -> [any RequirementElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(
        *, unavailable,
        message:
            "a Require block takes criteria: Accuracy, ExactMatch, NormalizedMatch, TokenF1, RegularExpression, JSONField, Numeric, ValidOutput, Consistency, Latency, CostPerThousandCalls, TokensPerCall, Judged, Robustness and the others of docs/metrics.md; or comparisons: NoWorseThan, BetterThan and CheaperThan"
    )
    public static func buildExpression<Other>(_ other: Other) -> [any RequirementElement] { [] }
}

/// How many times gates may look at an example of the holdout, in all cycles together; the looks share the error rate.
public struct HoldoutLooks: ValidationElement {
    let count: Int
    let line: Int

    /// Sets the number of looks.
    ///
    /// - Parameters:
    ///   - count: 1 to 1000; 2 where it is left out.
    ///   - line: the line on which it is written.
    public init(_ count: Int, line: Int = #line) {
        self.count = count
        self.line = line
    }

    public func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).holdoutLooks", line)
        validation.holdoutLooks = count
    }
}

/// The share of answers that may be missing before nothing is judged at all: questions that are longer than the context, that
/// a content filter takes, or whose answer is cut off. 0.05 unless said.
public struct MissingAnswers: ValidationElement {
    let share: Double
    let line: Int

    /// - Parameters:
    ///   - share: 0…1.
    ///   - line: the line on which it is written.
    public init(atMost share: Double, line: Int = #line) {
        self.share = share
        self.line = line
    }

    public func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).missingAnswers", line)
        validation.missingAnswers = share
    }
}

/// The gate: what must be shown on examples that nothing else has seen.
public struct Validation: UseCaseElement {
    let elements: [any ValidationElement]
    let line: Int

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
    func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `Validation` block.
@resultBuilder
public enum ValidationBuilder: ElementBuilder {
    public static func buildExpression(_ element: some ValidationElement) -> [any ValidationElement] { [element] }

    @available(
        *, unavailable, message: "a Validation block takes Require { … } and HoldoutLooks; criteria go inside Require"
    )
    public static func buildExpression<Other>(_ other: Other) -> [any ValidationElement] { [] }
}

/// The criteria, every one of which must pass.
public struct Require: ValidationElement {
    let criteria: [any CriterionElement]
    let line: Int

    public init(line: Int = #line, @RequireBuilder _ content: () -> [any CriterionElement]) {
        self.criteria = content()
        self.line = line
    }

    public func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).require", line)
        for element in criteria {
            locations.note("\(path).require[\(validation.require.count)]", element.line)
            validation.require.append(element.criterion)
        }
    }
}

/// Collects the criteria of a `Require` block.
@resultBuilder
public enum RequireBuilder: ElementBuilder {
    public static func buildExpression(_ element: some CriterionElement) -> [any CriterionElement] { [element] }

    @available(
        *, unavailable,
        message:
            "a Require block takes criteria: Accuracy, ExactMatch, NormalizedMatch, TokenF1, RegularExpression, JSONField, Numeric, ValidOutput, Consistency, Latency, CostPerThousandCalls and TokensPerCall"
    )
    public static func buildExpression<Other>(_ other: Other) -> [any CriterionElement] { [] }
}

/// How many times gates may look at the holdout in one cycle; the looks share the error rate.
public struct HoldoutLooks: ValidationElement {
    let count: Int
    let line: Int

    public init(_ count: Int, line: Int = #line) {
        self.count = count
        self.line = line
    }

    public func lower(into validation: inout ValidationDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).holdoutLooks", line)
        validation.holdoutLooks = count
    }
}

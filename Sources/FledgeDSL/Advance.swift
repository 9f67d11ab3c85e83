/// When the prompt prototype stage is done: all of these hold, or all of any one `Or` block.
public struct Advance: PromptPrototypeElement {
    let elements: [any AdvanceElement]
    let line: Int

    /// Makes the conditions out of what the block holds: those outside of `Or` are the first alternative.
    ///
    /// - Parameters:
    ///   - content: criteria, `Plateau` and `Or`.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @AdvanceBuilder _ content: () -> [any AdvanceElement]) {
        self.elements = content()
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        let path = "\(path).advance"
        locations.note(path, line)
        var alternatives: [(conditions: [any ConditionElement], line: Int)] = [
            (elements.compactMap { $0 as? any ConditionElement }, line)
        ]
        for case let or as Or in elements { alternatives.append((or.conditions, or.line)) }
        stage.advance = []
        for (conditions, line) in alternatives where !conditions.isEmpty {
            let path = "\(path)[\(stage.advance.count)]"
            locations.note(path, line)
            for (index, condition) in conditions.enumerated() {
                locations.note("\(path).conditions[\(index)]", condition.line)
            }
            stage.advance.append(AdvanceAlternative(conditions: conditions.map(\.condition)))
        }
    }
}

/// A part of an `Advance` block.
public protocol AdvanceElement: Sendable {}

/// A condition that an `Advance` or `Or` block may hold: `Plateau`, or a criterion such as `Accuracy`.
public protocol ConditionElement: AdvanceElement {
    /// The condition in its wire form.
    var condition: AdvanceCondition { get }
    /// The line on which it was written.
    var line: Int { get }
}

/// Collects the parts of an `Advance` block.
@resultBuilder
public enum AdvanceBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some AdvanceElement) -> [any AdvanceElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(*, unavailable, message: "an Advance block takes criteria such as Accuracy(atLeast:), Plateau and Or")
    public static func buildExpression<Other>(_ other: Other) -> [any AdvanceElement] { [] }
}

/// Collects the conditions of an `Or` block.
@resultBuilder
public enum ConditionBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some ConditionElement) -> [any ConditionElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(*, unavailable, message: "an Or block takes criteria such as Accuracy(atLeast:) and Plateau")
    public static func buildExpression<Other>(_ other: Other) -> [any ConditionElement] { [] }
}

/// Another way to be done: all conditions of this block hold.
public struct Or: AdvanceElement {
    let conditions: [any ConditionElement]
    let line: Int

    /// Makes an alternative out of the conditions of the block.
    ///
    /// - Parameters:
    ///   - content: criteria and `Plateau`.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @ConditionBuilder _ content: () -> [any ConditionElement]) {
        self.conditions = content()
        self.line = line
    }
}

/// The best score has risen by less than `gain` (a fraction, 0…1) in each of the last `rounds` rounds.
public struct Plateau: ConditionElement {
    public let condition: AdvanceCondition
    public let line: Int

    /// Holds when the last rounds brought less than a gain worth having.
    ///
    /// - Parameters:
    ///   - rounds: 1 to 1000.
    ///   - gain: a fraction of the score's scale, 0 to 1.
    ///   - line: the line on which it is written.
    public init(rounds: Int, gainBelow gain: Double = 0.01, line: Int = #line) {
        condition = .plateau(rounds: rounds, minimumGain: gain)
        self.line = line
    }
}

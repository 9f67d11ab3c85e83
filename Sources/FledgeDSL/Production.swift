/// What happens when the gate has passed.
public struct Production: UseCaseElement {
    let elements: [any ProductionElement]
    let line: Int

    /// Makes the part out of what its block holds.
    ///
    /// - Parameters:
    ///   - content: `Approval`; a person approves where it is left out.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @ProductionBuilder _ content: () -> [any ProductionElement]) {
        self.elements = content()
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("production", line)
        // A person approves unless the definition says otherwise.
        var production = ProductionDefinition(approval: .manual)
        for element in elements {
            element.lower(into: &production, at: "production", noting: &locations)
        }
        definition.production = production
    }
}

/// A part of a `Production` block.
public protocol ProductionElement: Sendable {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - production: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into production: inout ProductionDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `Production` block.
@resultBuilder
public enum ProductionBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some ProductionElement) -> [any ProductionElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(*, unavailable, message: "a Production block takes Approval(.automatic) or Approval(.manual)")
    public static func buildExpression<Other>(_ other: Other) -> [any ProductionElement] { [] }
}

/// Who lets a candidate into production: the gate alone, or a person.
public struct Approval: ProductionElement {
    let mode: ApprovalMode
    let byAnother: Bool
    let line: Int

    /// - Parameters:
    ///   - mode: the gate alone, or a person.
    ///   - byAnother: whether whoever applied the revision is refused as its approver.
    ///   - line: the line on which it is written.
    public init(_ mode: ApprovalMode, byAnother: Bool = false, line: Int = #line) {
        self.mode = mode
        self.byAnother = byAnother
        self.line = line
    }

    public func lower(into production: inout ProductionDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).approval", line)
        production.approval = mode
        production.byAnother = byAnother ? true : nil
    }
}

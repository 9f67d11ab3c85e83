/// One job that a language model is to do, with its data, criteria and budget.
///
/// Making one has no effect beyond the value itself: `fledge apply` is what stores it.
public struct UseCase: Sendable {
    /// The definition in its wire form, with the line of every part.
    public let document: DefinitionDocument

    /// Makes the definition out of the parts of its block.
    ///
    /// - Parameters:
    ///   - name: what commands and reports call the use case: lower-case letters, digits and
    ///     hyphens, a letter first, at most 63 characters.
    ///   - file: the definition file, from which relative paths start and which diagnostics name.
    ///   - content: `Purpose`, `Owner`, `Dataset` and the other parts of the block.
    ///   - line: the line on which it is written.
    public init(
        _ name: String, file: String = #filePath, line: Int = #line,
        @UseCaseBuilder _ content: () -> [any UseCaseElement]
    ) {
        var definition = UseCaseDefinition(name: name)
        var locations = Locations()
        locations.note("useCase", line)
        for element in content() {
            element.lower(into: &definition, at: "", noting: &locations)
        }
        document = DefinitionDocument(useCase: definition, sourceFile: file, locations: locations.lines)
    }
}

/// A part of a `UseCase` block.
public protocol UseCaseElement: Sendable {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - definition: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `UseCase` block.
@resultBuilder
public enum UseCaseBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some UseCaseElement) -> [any UseCaseElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(
        *, unavailable,
        message:
            "a UseCase block takes Purpose, Owner, Dataset, Models, PromptPrototype, Validation, FineTune, Production, Forecast, Costs, Priority, Spend and Reports"
    )
    public static func buildExpression<Other>(_ other: Other) -> [any UseCaseElement] { [] }
}

/// What the use case is for, in a sentence.
public struct Purpose: UseCaseElement {
    let text: String
    let line: Int

    /// Says what it is for.
    ///
    /// - Parameters:
    ///   - text: a sentence.
    ///   - line: the line on which it is written.
    public init(_ text: String, line: Int = #line) {
        self.text = text
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("purpose", line)
        definition.purpose = text
    }
}

/// The person or team that answers for the use case.
public struct Owner: UseCaseElement {
    let name: String
    let line: Int

    /// Names who answers for it.
    ///
    /// - Parameters:
    ///   - name: a person or a team.
    ///   - line: the line on which it is written.
    public init(_ name: String, line: Int = #line) {
        self.name = name
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("owner", line)
        definition.owner = name
    }
}

/// The first stage: prompts to try, how answers are decoded, and when to move on.
public struct PromptPrototype: UseCaseElement {
    let elements: [any PromptPrototypeElement]
    let line: Int

    public init(line: Int = #line, @PromptPrototypeBuilder _ content: () -> [any PromptPrototypeElement]) {
        self.elements = content()
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("promptPrototype", line)
        var stage = PromptPrototypeDefinition()
        for element in elements {
            element.lower(into: &stage, at: "promptPrototype", noting: &locations)
        }
        // Behind all elements, since Decoding may stand after them.
        for case let element as any DecodingElement in elements { element.lower(into: &stage.decoding) }
        definition.promptPrototype = stage
    }
}

/// A part of a `PromptPrototype` block.
public protocol PromptPrototypeElement: Sendable {
    func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `PromptPrototype` block.
@resultBuilder
public enum PromptPrototypeBuilder: ElementBuilder {
    public static func buildExpression(_ element: some PromptPrototypeElement) -> [any PromptPrototypeElement] {
        [element]
    }

    @available(
        *, unavailable,
        message: """
            a PromptPrototype block takes Prompt, Search, Decoding, SystemRole, Reasoning, Advance, Rounds and Budget
            """
    )
    public static func buildExpression<Other>(_ other: Other) -> [any PromptPrototypeElement] { [] }
}

/// How answers are drawn, and which ones the server may give.
public struct Decoding: PromptPrototypeElement {
    let definition: DecodingDefinition
    let line: Int

    public init(
        temperature: Double = 0, topP: Double? = nil, maxTokens: Int = 256, seed: UInt64? = nil, stop: [String] = [],
        choices: ChoiceConstraint = .none, jsonSchema: String? = nil, logprobs: Bool? = nil, line: Int = #line
    ) {
        definition = DecodingDefinition(
            temperature: temperature, topP: topP, maxTokens: maxTokens, seed: seed, stop: stop, choices: choices,
            jsonSchema: jsonSchema, logprobs: logprobs)
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).decoding", line)
        stage.decoding = definition
    }
}

/// How many rounds of experiments may run, and how many examples each one scores; the whole split unless said.
public struct Rounds: PromptPrototypeElement {
    let definition: RoundsDefinition
    let line: Int

    public init(atMost maximum: Int, examples: Int? = nil, line: Int = #line) {
        definition = RoundsDefinition(examples: examples, maximum: maximum)
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).rounds", line)
        stage.rounds = definition
    }
}

/// What the stage may spend at most.
public struct Budget: PromptPrototypeElement {
    let definition: BudgetDefinition
    let line: Int

    public init(calls: Int? = nil, tokens: Int? = nil, cost: Money? = nil, line: Int = #line) {
        definition = BudgetDefinition(calls: calls, tokens: tokens, costMicroDollars: cost?.microDollars)
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).budget", line)
        stage.budget = definition
    }
}

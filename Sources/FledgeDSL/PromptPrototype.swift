/// The first stage: prompts to try, how answers are decoded, and when to move on.
public struct PromptPrototype: UseCaseElement {
    let elements: [any PromptPrototypeElement]
    let line: Int

    /// Makes the part out of what its block holds.
    ///
    /// - Parameters:
    ///   - content: `Prompt`, `Decoding`, `Advance`, `Budget` and the other parts of the block.
    ///   - line: the line on which it is written.
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
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - stage: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `PromptPrototype` block.
@resultBuilder
public enum PromptPrototypeBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some PromptPrototypeElement) -> [any PromptPrototypeElement] {
        [element]
    }

    /// Refuses what is no part of the block, and names the parts that it takes.
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

    /// Sets how answers are drawn; what is not said has the default that stands here.
    ///
    /// - Parameters:
    ///   - temperature: 0 for the most likely answer, up to 2.
    ///   - topP: the share of probability that tokens are drawn from: above 0, up to 1.
    ///   - maxTokens: the most tokens of an answer, 1 to 100000.
    ///   - seed: for servers that draw by one.
    ///   - stop: texts that end an answer.
    ///   - choices: which answers the server may give: `.labels` allows the expected answers of the data alone.
    ///   - jsonSchema: the text of a JSON schema that every answer has to fit; not beside `choices`.
    ///   - logprobs: whether the probabilities of tokens are asked for.
    ///   - line: the line on which it is written.
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

    /// Sets the limits of the search.
    ///
    /// - Parameters:
    ///   - maximum: 1 to 1000 rounds.
    ///   - examples: how many examples of the prototype split each round scores; all of them unless said.
    ///   - line: the line on which it is written.
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

    /// Sets the limits; what is not said has none.
    ///
    /// - Parameters:
    ///   - calls: calls to models, 1 and more.
    ///   - tokens: prompt and completion tokens together, 1 and more.
    ///   - cost: by the models' prices.
    ///   - line: the line on which it is written.
    public init(calls: Int? = nil, tokens: Int? = nil, cost: Money? = nil, line: Int = #line) {
        definition = BudgetDefinition(calls: calls, tokens: tokens, costMicroDollars: cost?.microDollars)
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).budget", line)
        stage.budget = definition
    }
}

/// The prompts to try, how answers are decoded, and when the stage ends.
public struct PromptPrototypeDefinition: Codable, Hashable, Sendable {
    public var prompts: [PromptDefinition]
    public var decoding: DecodingDefinition
    /// The stage ends when every condition of any one alternative holds.
    public var advance: [AdvanceAlternative]
    public var rounds: RoundsDefinition?
    public var budget: BudgetDefinition?
    /// Absent, every declared prompt is scored on every example.
    public var search: SearchDefinition?

    public init(
        prompts: [PromptDefinition] = [],
        decoding: DecodingDefinition = DecodingDefinition(),
        advance: [AdvanceAlternative] = [],
        rounds: RoundsDefinition? = nil,
        budget: BudgetDefinition? = nil,
        search: SearchDefinition? = nil
    ) {
        self.prompts = prompts
        self.decoding = decoding
        self.advance = advance
        self.rounds = rounds
        self.budget = budget
        self.search = search
    }
}

/// A prompt template; `{{field}}` stands for an input of the example.
public struct PromptDefinition: Codable, Hashable, Sendable {
    public var name: String
    public var system: String?
    public var user: String
    /// How many solved examples of the prototype split go before the question.
    public var demonstrations: Int

    public init(name: String, system: String? = nil, user: String, demonstrations: Int = 0) {
        self.name = name
        self.system = system
        self.user = user
        self.demonstrations = demonstrations
    }
}

/// How many rounds of experiments the stage may run, and how many examples each one scores.
public struct RoundsDefinition: Codable, Hashable, Sendable {
    /// Examples scored in one round; the whole prototype split when absent.
    public var examples: Int?
    public var maximum: Int

    public init(examples: Int? = nil, maximum: Int) {
        self.examples = examples
        self.maximum = maximum
    }
}

/// What a stage may spend; the first bound that is reached ends it.
public struct BudgetDefinition: Codable, Hashable, Sendable {
    public var calls: Int?
    public var tokens: Int?
    public var costMicroDollars: Int64?

    public init(calls: Int? = nil, tokens: Int? = nil, costMicroDollars: Int64? = nil) {
        self.calls = calls
        self.tokens = tokens
        self.costMicroDollars = costMicroDollars
    }
}

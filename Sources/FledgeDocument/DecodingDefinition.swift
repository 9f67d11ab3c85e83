/// How a model's answer is drawn.
public struct DecodingDefinition: Codable, Hashable, Sendable {
    public var temperature: Double
    public var topP: Double?
    public var maxTokens: Int
    public var seed: UInt64?
    public var stop: [String]
    public var choices: ChoiceConstraint
    /// A JSON schema, as JSON text, that the answer has to fit, where the server can enforce it.
    public var jsonSchema: String?
    /// Whether the server is asked for the answer's log probability.
    public var logprobs: Bool?
    /// Where the system message goes; absent, into a message of its own.
    public var systemRole: SystemRoleHandling?
    /// What becomes of a model's reasoning in tags before its answer; absent, it stays in the answer.
    public var reasoning: ReasoningHandling?

    public init(
        temperature: Double = 0, topP: Double? = nil, maxTokens: Int = 256, seed: UInt64? = nil,
        stop: [String] = [], choices: ChoiceConstraint = .none, jsonSchema: String? = nil, logprobs: Bool? = nil,
        systemRole: SystemRoleHandling? = nil, reasoning: ReasoningHandling? = nil
    ) {
        self.temperature = temperature
        self.topP = topP
        self.maxTokens = maxTokens
        self.seed = seed
        self.stop = stop
        self.choices = choices
        self.jsonSchema = jsonSchema
        self.logprobs = logprobs
        self.systemRole = systemRole
        self.reasoning = reasoning
    }
}

/// Where a prompt's system message goes.
public enum SystemRoleHandling: String, Codable, Hashable, Sendable, CaseIterable {
    /// Before the text of the first user message, for models whose chat template knows no system role.
    case inUser
}

/// What becomes of a model's reasoning in tags (`<think>…</think>`).
public enum ReasoningHandling: String, Codable, Hashable, Sendable, CaseIterable {
    /// It is split off: the answer is what comes after it.
    case strip
}

/// The answers that the server may give, where it can enforce them.
public enum ChoiceConstraint: Hashable, Sendable {
    /// Any answer.
    case none
    /// The distinct expected answers of the dataset.
    case labels
    /// One of these texts.
    case list([String])
}

extension ChoiceConstraint: Codable {
    private enum Key: String, CodingKey { case kind, choices }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(String.self, forKey: .kind) {
        case "none": self = .none
        case "labels": self = .labels
        case "list": self = .list(try box.decode([String].self, forKey: .choices))
        case let other: throw unknownKind(other, of: "choices", at: Key.kind, in: box)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .none: try box.encode("none", forKey: .kind)
        case .labels: try box.encode("labels", forKey: .kind)
        case .list(let choices):
            try box.encode("list", forKey: .kind)
            try box.encode(choices, forKey: .choices)
        }
    }
}

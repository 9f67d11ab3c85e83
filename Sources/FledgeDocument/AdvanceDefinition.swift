/// Conditions that must hold together.
public struct AdvanceAlternative: Codable, Hashable, Sendable {
    public var conditions: [AdvanceCondition]

    public init(conditions: [AdvanceCondition]) {
        self.conditions = conditions
    }
}

/// One reason to end the prompt prototype stage.
public enum AdvanceCondition: Hashable, Sendable {
    case criterion(CriterionDefinition)
    /// The best score rose by no more than `minimumGain` (a fraction, 0…1) over the last `rounds` rounds.
    case plateau(rounds: Int, minimumGain: Double)
}

extension AdvanceCondition: Codable {
    private enum Key: String, CodingKey { case kind, criterion, rounds, minimumGain }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(String.self, forKey: .kind) {
        case "criterion": self = .criterion(try box.decode(CriterionDefinition.self, forKey: .criterion))
        case "plateau":
            self = .plateau(
                rounds: try box.decode(Int.self, forKey: .rounds),
                minimumGain: try box.decode(Double.self, forKey: .minimumGain))
        case let other: throw unknownKind(other, of: "advance condition", at: Key.kind, in: box)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .criterion(let criterion):
            try box.encode("criterion", forKey: .kind)
            try box.encode(criterion, forKey: .criterion)
        case .plateau(let rounds, let minimumGain):
            try box.encode("plateau", forKey: .kind)
            try box.encode(rounds, forKey: .rounds)
            try box.encode(minimumGain, forKey: .minimumGain)
        }
    }
}

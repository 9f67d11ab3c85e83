/// A change of an example's inputs that should not change what is right.
public enum PerturbationDefinition: Codable, Hashable, Sendable {
    /// Other letters' case: all lower, all upper, or the first of each word raised, as a hash of the text decides.
    case letterCase
    /// A few slips of the finger: neighbouring letters swapped, a letter doubled or left out.
    case typos
    /// The choices in another order, in the request and where the prompt lists them.
    case reorderedChoices
    /// The text of this field of the data row in the place of the first input.
    case paraphrase(field: String)

    private enum Key: String, CodingKey { case kind, field }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(String.self, forKey: .kind) {
        case "case": self = .letterCase
        case "typos": self = .typos
        case "reorderedChoices": self = .reorderedChoices
        case "paraphrase": self = .paraphrase(field: try box.decode(String.self, forKey: .field))
        case let other: throw unknownKind(other, of: "perturbation", at: Key.kind, in: box)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .letterCase: try box.encode("case", forKey: .kind)
        case .typos: try box.encode("typos", forKey: .kind)
        case .reorderedChoices: try box.encode("reorderedChoices", forKey: .kind)
        case .paraphrase(let field):
            try box.encode("paraphrase", forKey: .kind)
            try box.encode(field, forKey: .field)
        }
    }
}

/// How candidates beyond the declared prompts are found. Candidates are raced: most are dropped before they have been
/// scored on every example.
public struct SearchDefinition: Codable, Hashable, Sendable {
    public var strategies: [SearchStrategy]

    public init(strategies: [SearchStrategy]) { self.strategies = strategies }
}

/// One way to find candidates.
public enum SearchStrategy: Hashable, Sendable {
    /// Every declared prompt with every model.
    case grid
    /// Changes of the declared prompts that need no model: reordered, with label definitions, shortened, with a format rule.
    case edits
    /// Sets of demonstrations drawn at random, in random orders.
    case demonstrations(DemonstrationSearch)
    /// A model reads failures and proposes instructions.
    case reflect(ReflectionSearch)
}

/// Random search over sets and orders of demonstrations.
public struct DemonstrationSearch: Codable, Hashable, Sendable {
    /// How many sets of each size are drawn.
    public var sets: Int
    /// How many demonstrations a set has.
    public var sizes: [Int]
    /// Whether later rounds draw from the examples that the model itself answered rightly, with its own answers.
    public var isBootstrapped: Bool

    public init(sets: Int, sizes: [Int], isBootstrapped: Bool = false) {
        self.sets = sets
        self.sizes = sizes
        self.isBootstrapped = isBootstrapped
    }
}

/// Search by reflection on failures.
public struct ReflectionSearch: Codable, Hashable, Sendable {
    /// The name of a model of the `Models` block.
    public var model: String
    /// How many instructions are asked for in one round.
    public var proposals: Int

    public init(model: String, proposals: Int = 3) {
        self.model = model
        self.proposals = proposals
    }
}

extension SearchStrategy: Codable {
    private enum Key: String, CodingKey { case kind, settings }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(String.self, forKey: .kind) {
        case "grid": self = .grid
        case "edits": self = .edits
        case "demonstrations":
            self = .demonstrations(try box.decode(DemonstrationSearch.self, forKey: .settings))
        case "reflect": self = .reflect(try box.decode(ReflectionSearch.self, forKey: .settings))
        case let other: throw unknownKind(other, of: "search strategy", at: Key.kind, in: box)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .grid: try box.encode("grid", forKey: .kind)
        case .edits: try box.encode("edits", forKey: .kind)
        case .demonstrations(let settings):
            try box.encode("demonstrations", forKey: .kind)
            try box.encode(settings, forKey: .settings)
        case .reflect(let settings):
            try box.encode("reflect", forKey: .kind)
            try box.encode(settings, forKey: .settings)
        }
    }
}

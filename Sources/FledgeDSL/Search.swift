/// How candidates beyond the declared prompts are found: `Search(.grid, .edits, .demonstrations(sets: 8, sizes: 4, 8))`.
///
/// Candidates are raced on the same blocks of examples, and most are dropped before they have been scored on all of
/// them. Without a `Search`, every candidate is scored on every example.
public struct Search: PromptPrototypeElement {
    let strategies: [SearchStrategy]
    let line: Int

    /// Names the strategies, which are used together.
    ///
    /// - Parameters:
    ///   - strategies: one or more.
    ///   - line: the line on which it is written.
    public init(_ strategies: SearchStrategy..., line: Int = #line) {
        self.strategies = strategies
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).search", line)
        stage.search = SearchDefinition(strategies: strategies)
    }
}

/// Where the answers of demonstrations come from.
public enum DemonstrationSource: Sendable {
    /// The dataset's labels.
    case labels
    /// In the first round the labels; later the model's own answers, where they were right.
    case bootstrapped
}

extension SearchStrategy {
    /// Draws `sets` sets of demonstrations of each size, and tries them with every declared prompt that shows some.
    public static func demonstrations(sets: Int, sizes: Int..., from source: DemonstrationSource = .labels)
        -> SearchStrategy
    {
        .demonstrations(DemonstrationSearch(sets: sets, sizes: sizes, isBootstrapped: source == .bootstrapped))
    }

    /// Lets a model of the `Models` block read failures and propose instructions, from the second round on.
    public static func reflect(with model: String, proposals: Int = 3) -> SearchStrategy {
        .reflect(ReflectionSearch(model: model, proposals: proposals))
    }
}

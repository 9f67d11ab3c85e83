import FledgeCore
import FledgeDocument

/// What the search's tests start from.
enum SearchSamples {
    /// Three rows a group, the answers a, b and c in turn.
    static func examples(_ count: Int) -> [Example] {
        (0..<count).map {
            Example(
                id: ExampleID(Int64($0)), row: $0 + 1, split: .prototype, group: "g\($0 / 3)",
                inputs: ["text": "t\($0)"],
                expected: ["a", "b", "c"][$0 % 3])
        }
    }

    static func prototype(
        demonstrations: [Int] = [0, 4], rounds: RoundsDefinition? = nil, budget: BudgetDefinition? = nil,
        advance: [AdvanceAlternative] = [], choices: ChoiceConstraint = .labels
    ) -> PromptPrototypeDefinition {
        PromptPrototypeDefinition(
            prompts: demonstrations.map { PromptDefinition(name: "shots\($0)", user: "{{text}}", demonstrations: $0) },
            decoding: DecodingDefinition(choices: choices), advance: advance, rounds: rounds, budget: budget)
    }

    static func search(_ prototype: PromptPrototypeDefinition, models: [String] = ["small", "large"]) -> PromptSearch {
        let definition = UseCaseDefinition(
            name: "x", models: models.map { ModelDefinition(name: $0, endpoint: .local) }, promptPrototype: prototype)
        return PromptSearch(
            definition: definition, prototype: prototype,
            split: PrototypeSplit(examples: examples(90), definition: prototype, seed: 7), labels: ["a", "b", "c"])
    }

    static func scored(_ candidates: [Candidate]) -> [PromptSearch.Scored] {
        candidates.enumerated().map {
            PromptSearch.Scored(candidate: $1, score: 0.9 - Double($0) / 10, promptTokens: 100)
        }
    }
}

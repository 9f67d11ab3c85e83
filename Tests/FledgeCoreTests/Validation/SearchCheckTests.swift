import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("What check knows of a search") struct SearchCheckTests {
    private static func useCase(_ search: Search) -> DefinitionDocument {
        UseCase("sought") {
            Dataset("data.jsonl") {
                Input("gloss")
                Expected("category")
                Split(prototype: 60, holdout: 100, seed: 7)
            }
            Models { Model("small", at: .local) }
            PromptPrototype {
                Prompt("plain") { User("{{gloss}}") }
                search
            }
            Validation { Require { Accuracy(atLeast: 0.8) } }
        }.document
    }

    private static func codes(_ search: Search) -> [String] {
        DefinitionValidator.diagnostics(
            for: useCase(search),
            dataset: DatasetFacts(
                error: nil, rowCount: 1000, fields: ["gloss", "category"], labels: 12, problems: [], path: "data.jsonl"),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true }
        ).map(\.code)
    }

    @Test("a sound search has no problem")
    func sound() {
        #expect(Self.codes(Search(.grid, .demonstrations(sets: 2, sizes: 4, 20), .reflect(with: "small"))) == [])
    }

    @Test("each fault of a search is found")
    func faults() {
        #expect(Self.codes(Search()) == ["search.none"])
        #expect(Self.codes(Search(.grid, .grid)) == ["search.duplicate"])
        #expect(Self.codes(Search(.reflect(with: "big"))) == ["search.unknown_model"])
        #expect(Self.codes(Search(.reflect(with: "small", proposals: 0))) == ["search.bad_proposals"])
        #expect(Self.codes(Search(.demonstrations(sets: 0, sizes: 4))) == ["search.bad_sets"])
        #expect(Self.codes(Search(.demonstrations(sets: 400, sizes: 4, 8))) == ["search.bad_sets"])
        #expect(Self.codes(Search(.demonstrations(sets: 2, sizes: 4, 4))) == ["search.bad_sizes"])
        #expect(Self.codes(Search(.demonstrations(sets: 2, sizes: 21))) == ["search.too_many_demonstrations"])
    }

    @Test("of two of a kind, which are refused, the first counts")
    func first() {
        let (one, other) = (DemonstrationSearch(sets: 1, sizes: [2]), DemonstrationSearch(sets: 3, sizes: [4]))
        let (small, big) = (ReflectionSearch(model: "small"), ReflectionSearch(model: "big"))
        let search = SearchDefinition(strategies: [
            .demonstrations(one), .reflect(small), .demonstrations(other), .reflect(big),
        ])
        #expect(search.demonstrations == one && search.reflection == small)
    }
}

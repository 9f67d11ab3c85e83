import FledgeCore
import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@Suite struct SearchDefinitionTests {
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

    @Test("strategies combine, keep their order, and survive the wire")
    func lowers() throws {
        let document = Self.useCase(
            Search(
                .grid, .edits, .demonstrations(sets: 8, sizes: 4, 8, from: .bootstrapped), .reflect(with: "small"),
                line: 12))
        let strategies: [SearchStrategy] = [
            .grid, .edits, .demonstrations(DemonstrationSearch(sets: 8, sizes: [4, 8], isBootstrapped: true)),
            .reflect(ReflectionSearch(model: "small", proposals: 3)),
        ]
        #expect(document.useCase.promptPrototype?.search?.strategies == strategies)
        #expect(document.locations["promptPrototype.search"] == 12)
        let text = document.canonicalJSON
        #expect(try JSONDecoder().decode(DefinitionDocument.self, from: Data(text.utf8)) == document)
    }

    @Test("a definition without a search keeps its canonical text")
    func absent() {
        #expect(!CanonicalJSON.text(of: PromptPrototypeDefinition()).contains("search"))
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
}

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
}

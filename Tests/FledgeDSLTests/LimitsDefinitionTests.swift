import FledgeCore
import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@Suite("Caps and limits in a definition")
struct LimitsDefinitionTests {
    @Test("a cap and a model's places lower to the document, decode as they were, and leave no trace where not said")
    func lowers() throws {
        let start = #line + 1
        let document = UseCase("u") {
            Spend(.dollars(50), calls: 9, per: .month, in: "Europe/Berlin")
            Models { Model("m", at: .openAICompatible("https://models.example/v1"), atOnce: 12) }
        }.document
        let cap = SpendDefinition(costMicroDollars: 50_000_000, calls: 9, period: .month, zone: "Europe/Berlin")
        #expect(document.useCase.spend == cap && document.locations["spend"] == start + 1)
        #expect(document.useCase.models.first?.callsAtOnce == 12)
        let text = document.useCase.canonicalJSON
        #expect(try JSONDecoder().decode(UseCaseDefinition.self, from: Data(text.utf8)) == document.useCase)
        let plain = UseCase("u") { Models { Model("m", at: .local) } }.document.useCase.canonicalJSON
        #expect(!plain.contains("spend") && !plain.contains("callsAtOnce"))
        #expect(
            DefinitionDiff.changes(from: UseCase("u") {}.document.useCase, to: document.useCase)
                .contains { $0.hasPrefix("spend added: ") })
    }
}

import FledgeCore
import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@Suite("Judged criteria in a definition")
struct JudgedTests {
    @Test("the definition carries the judge, decodes as it was, and leaves older documents as they were")
    func lowering() throws {
        let definition = UseCase("triage") {
            Models {
                Model("small", at: .local)
                Model("judge", at: .openAICompatible("https://models.example/v1"), tried: false)
            }
            Validation {
                Require { Judged("helpful", by: "judge", rubric: "It answers the question.", atLeast: 0.8, labels: 60) }
            }
        }.document.useCase
        let judge = JudgeDefinition(
            name: "helpful", model: "judge", rubric: "It answers the question.", labels: 60)
        #expect(definition.validation?.require.first?.metric == .judged(judge))
        #expect(definition.judges == [judge])
        #expect(definition.models.map(\.isTried) == [nil, false])
        let text = definition.canonicalJSON
        #expect(try JSONDecoder().decode(UseCaseDefinition.self, from: Data(text.utf8)) == definition)
        #expect(text.contains(#""isTried":false"#) && text.components(separatedBy: "isTried").count == 2)
    }
}

import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("Comparisons, slices and robustness in a definition") struct EvidenceDefinitionTests {
    @Test("they lower to their wire form, in order, and come back from it")
    func lowers() throws {
        let document = UseCase("sound") {
            Validation {
                Require {
                    Accuracy(atLeast: 0.8)
                    NoWorseThan(.champion, by: 0.02)
                    BetterThan(.champion, on: .validOutput)
                    CheaperThan(.champion, by: 0.10)
                    Robustness(
                        atLeast: 0.8, perturbations: .case, .typos, .reorderedChoices, .paraphrases("reworded"),
                        examples: 60)
                }
                Slices("language", examples: 30)
            }
        }.document
        let validation = try #require(document.useCase.validation)
        #expect(validation.require.count == 2)
        #expect(
            validation.comparisons == [
                ComparisonDefinition(kind: .noWorse, margin: 0.02),
                ComparisonDefinition(kind: .better, metric: .validOutput, margin: 0),
                ComparisonDefinition(kind: .cheaper, margin: 0.1),
            ])
        #expect(validation.slices == SlicesDefinition(fields: ["language"], minimumExamples: 30))
        #expect(
            validation.require[1].metric
                == .robustness(
                    [.letterCase, .typos, .reorderedChoices, .paraphrase(field: "reworded")], examples: 60))
        #expect(validation.keptFields == ["language", "reworded"])
    }

    @Test("a definition without them has the canonical JSON that it always had")
    func oldHash() {
        let json = CanonicalJSON.text(of: ValidationDefinition(require: [], holdoutLooks: 2))
        #expect(json == #"{"holdoutLooks":2,"require":[]}"#)
    }
}

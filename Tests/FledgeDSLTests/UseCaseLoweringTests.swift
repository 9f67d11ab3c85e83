import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@Suite struct UseCaseLoweringTests {
    private static let start = #line + 1
    private let useCase = UseCase("price") {
        Purpose("Extract a price.")
        Owner("shop")
        Dataset("data/price.csv") {
            Input("text")
            Input("currency")
            Expected("price")
            Group(by: "page")
            Split(prototype: 50, holdout: 100, seed: 3)
        }
        Models {
            Model(
                "big", at: .openAICompatible("https://models.example/v1", key: .file("/run/key")),
                price: .perMillionTokens(prompt: .cents(15), completion: .dollars(0.6)))
        }
        PromptPrototype {
            Prompt("plain") { User("{{text}}") }
            Prompt("shown") {
                System("Be brief."); User("{{text}}"); Demonstrations(4)
            }
            Decoding(topP: 0.9, maxTokens: 16, seed: 5, stop: ["\n"], choices: .list(["1", "2"]))
            Rounds(atMost: 3, examples: 20)
            Advance {
                Numeric(within: 0.01, atLeast: 0.9)
                ValidOutput(atLeast: 0.99)
                Or { Plateau(rounds: 2) }
            }
            Budget(calls: 10, tokens: 20, cost: .dollars(1.5))
        }
        Validation {
            Require {
                Latency(.p99, atMost: .milliseconds(1500)); CostPerThousandCalls(atMost: .cents(50))
            }
            HoldoutLooks(3)
        }
        FineTune {
            LoRA(layers: .upperHalf); Limit(.hours(2)); TrainingExamples(atLeast: 30, atMost: 900)
        }
        Production { Approval(.manual) }
        Reports {
            Daily(at: "07:30", in: "UTC", as: .json); Monthly(on: 31, at: "08:00", as: .html)
        }
    }

    @Test("an approval by another than the author is in the document, and what is not asked for is not")
    func approvals() throws {
        let asked = UseCase("price") { Production { Approval(.manual, byAnother: true) } }.document.useCase
        #expect(asked.production == ProductionDefinition(approval: .manual, byAnother: true))
        let usual = UseCase("price") { Production { Approval(.manual) } }.document.useCase
        #expect(!usual.canonicalJSON.contains("byAnother") && usual.production?.byAnother == nil)
        // A document of before reads as one that does not ask for it.
        let before = try JSONDecoder().decode(ProductionDefinition.self, from: Data(#"{"approval":"manual"}"#.utf8))
        #expect(before == usual.production)
    }

    @Test("what LoRA says about memory and length is in the document, and what it leaves out is not")
    func trainerWords() throws {
        let useCase = UseCase("price") {
            FineTune {
                LoRA(
                    rank: 4, quantised: .nf4, gradientCheckpointing: true, gradientAccumulation: 4,
                    sequenceLength: 4_096, tooLong: .refuse, packing: true, beta: 0.2)
            }
        }
        let lora = try #require(useCase.document.useCase.fineTune?.lora)
        #expect(
            CanonicalJSON.text(of: lora) == """
                {"alpha":16,"batchSize":8,"beta":0.2,"dropout":0.05,"epochs":3,"gradientAccumulation":4,\
                "gradientCheckpointing":true,"layers":"all","learningRate":0.001,"packing":true,"quantised":"nf4",\
                "rank":4,"seed":1,"sequenceLength":4096,"tooLong":"refuse","weightDecay":0.01}
                """)
    }

    @Test("the blocks lower to the document that they say")
    func lowers() throws {
        let golden = """
            {"dataset":{"expected":"price","group":"page","inputs":["text","currency"],"path":"data/price.csv",\
            "split":{"holdout":100,"prototype":50,"seed":3}},"fineTune":{"executor":"local","limitSeconds":7200,\
            "lora":{"alpha":16,"batchSize":8,"dropout":0.05,"epochs":3,"layers":"upperHalf","learningRate":0.001,\
            "rank":8,"seed":1,"weightDecay":0.01},"minimumExamples":30,"trainingExamples":900},\
            "models":[{"endpoint":{"key":"file:/run/key","kind":"openAICompatible","url":"https://models.example/v1"},\
            "name":"big","price":{"completionMicroDollarsPerMillion":600000,"promptMicroDollarsPerMillion":150000}}],\
            "name":"price","owner":"shop","production":{"approval":"manual"},"promptPrototype":{"advance":[\
            {"conditions":[{"criterion":{"bound":{"kind":"atLeast","value":0.9},"confidence":0.95,\
            "metric":{"kind":"numeric","tolerance":0.01}},"kind":"criterion"},{"criterion":{"bound":{"kind":"atLeast",\
            "value":0.99},"confidence":0.95,"metric":{"kind":"validOutput"}},"kind":"criterion"}]},\
            {"conditions":[{"kind":"plateau","minimumGain":0.01,"rounds":2}]}],"budget":{"calls":10,\
            "costMicroDollars":1500000,"tokens":20},"decoding":{"choices":{"choices":["1","2"],"kind":"list"},\
            "maxTokens":16,"seed":5,"stop":["\\n"],"temperature":0,"topP":0.9},"prompts":[{"demonstrations":0,\
            "name":"plain","user":"{{text}}"},{"demonstrations":4,"name":"shown","system":"Be brief.",\
            "user":"{{text}}"}],"rounds":{"examples":20,"maximum":3}},"purpose":"Extract a price.","reports":[\
            {"formats":["json"],"recurrence":{"kind":"daily"},"time":"07:30","zone":"UTC"},{"formats":["html"],\
            "recurrence":{"day":31,"kind":"monthly"},"time":"08:00","zone":""}],"validation":{"holdoutLooks":3,\
            "require":[{"bound":{"kind":"atMost","value":1.5},"confidence":0.95,"metric":{"kind":"latency",\
            "percentile":99}},{"bound":{"kind":"atMost","value":0.5},"confidence":0.95,\
            "metric":{"kind":"costPerThousandCalls"}}]}}
            """
        #expect(useCase.document.useCase.canonicalJSON == golden)
        let text = useCase.document.canonicalJSON
        #expect(try JSONDecoder().decode(DefinitionDocument.self, from: Data(text.utf8)) == useCase.document)
    }

    @Test("what is said of leaks, strata and personal data is in the document, and nothing is where nothing is said")
    func dataHandling() throws {
        func json(_ dataset: Dataset) -> String {
            CanonicalJSON.text(of: UseCase("x") { dataset }.document.useCase.dataset)
        }
        let full = json(
            Dataset("d.csv") {
                Input("a")
                Expected("b")
                Split(prototype: 1, holdout: 2, seed: 3, stratify: .label)
                LeakPolicy(.moveToTraining)
                PersonalData(.mask, except: .email)
            })
        #expect(
            full == """
                {"expected":"b","inputs":["a"],"leaks":"moveToTraining","path":"d.csv",\
                "personalData":{"accept":["email"],"mask":true},\
                "split":{"holdout":2,"prototype":1,"seed":3,"stratify":"label"}}
                """)
        let accepting = json(Dataset("d.csv") { PersonalData(accept: .card, .iban) })
        #expect(accepting.contains(#""personalData":{"accept":["card","iban"],"mask":false}"#))
        let plain = json(Dataset("d.csv") { Split(prototype: 1, holdout: 2, seed: 3) })
        #expect(
            plain
                == #"{"expected":"","inputs":[],"path":"d.csv","split":{"holdout":2,"prototype":1,"seed":3}}"#)
    }

    @Test("every part knows its line")
    func locations() {
        let lines = useCase.document.locations
        #expect(lines["useCase"] == Self.start)
        #expect(lines["dataset.inputs[1]"] == Self.start + 5)
        #expect(lines["promptPrototype.advance[1].conditions[0]"] == Self.start + 25)
        #expect(lines["reports[1]"] == lines["reports[0]"])
        #expect(!lines.keys.contains { $0.hasPrefix("#duplicate") })
    }

    @Test("a part that is written twice is noted")
    func duplicates() {
        let twice = UseCase("twice") {
            Owner("a")
            Owner("b")
            Dataset("x.csv") {
                Split(prototype: 1, holdout: 1); Split(prototype: 2, holdout: 2)
            }
        }
        #expect(
            twice.document.locations.keys.filter { $0.hasPrefix("#") }.sorted()
                == ["#duplicate:dataset.split", "#duplicate:owner"])
    }
}

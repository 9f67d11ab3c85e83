import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("What check knows of the expected answers")
struct LabelCheckTests {
    private static func useCase(
        maxTokens: Int = 8, choices: ChoiceConstraint = .labels, model: String = "smollm2-135m-instruct",
        require criterion: some CriterionElement = Accuracy(atLeast: 0.5, confidence: 0.9)
    ) -> DefinitionDocument {
        var document = UseCase("small") {
            Dataset("d.jsonl") {
                Input("text")
                Expected("label")
                Split(prototype: 30, holdout: 60, seed: 1)
            }
            Models { Model(model, at: .local) }
            PromptPrototype {
                Prompt("plain") { User("{{text}}") }
                Decoding(maxTokens: maxTokens, choices: choices)
                Budget(calls: 100)
            }
            Validation { Require { Accuracy(atLeast: 0.5, confidence: 0.9) } }
        }.document
        document.useCase.validation?.require = [criterion.criterion]
        return document
    }

    private static func found(_ document: DefinitionDocument, _ answers: [String]) -> [Diagnostic] {
        let facts = DatasetFacts(
            error: nil, rowCount: answers.count, fields: ["label", "text"], labels: Set(answers).count, problems: [],
            path: "d.jsonl", answers: answers.map { ($0, 1) })
        return DefinitionValidator.diagnostics(
            for: document, dataset: facts, isKnownZone: { _ in true }, isRegularExpression: { _ in true },
            localModels: PackagedModels.names)
    }

    private static func rows(_ labels: String...) -> [String] { (0..<120).map { labels[$0 % labels.count] } }

    @Test("labels that can be told apart need no word")
    func sound() {
        #expect(Self.found(Self.useCase(), Self.rows("a", "b")) == [])
        #expect(Self.found(Self.useCase(), Self.rows("C", "C++", "C#")) == [])
        #expect(Self.found(Self.useCase(), Self.rows("-1", "0", "1")) == [])
    }

    @Test("labels that differ in case, spacing or punctuation alone are named, with how they are compared")
    func alike() throws {
        for labels in [("sign-in", "sign in"), ("it", "IT"), ("billing", "billing\u{200B}")] {
            let found = Self.found(Self.useCase(), Self.rows(labels.0, labels.1))
            let warning = try #require(found.first)
            #expect(found.count == 1 && warning.code == "data.labels_alike" && warning.severity == .warning)
            #expect(warning.message.contains("\"\(labels.0)\""))
        }
        let message = Self.found(Self.useCase(), Self.rows("billing", "billing\u{200B}"))[0].message
        #expect(message.contains("<U+200B>") && message.contains("exactly"))
    }

    @Test("one label in two Unicode forms is refused where it would be two choices")
    func forms() {
        let rows = Self.rows("caf\u{E9}", "cafe\u{301}", "bar")
        #expect(Self.found(Self.useCase(), rows).map(\.code).contains("data.label_forms"))
        #expect(!Self.found(Self.useCase(choices: .none), rows).map(\.code).contains("data.label_forms"))
    }

    @Test("a label that maxTokens cannot hold is said, with the numbers")
    func length() throws {
        let long = "the customer wants " + String(repeating: "very ", count: 60) + "much"
        let warning = try #require(Self.found(Self.useCase(maxTokens: 4), Self.rows(long, "other")).first)
        #expect(warning.code == "decoding.label_too_long" && warning.message.contains("\(long.utf8.count) bytes"))
        #expect(Self.found(Self.useCase(maxTokens: 200), Self.rows(long, "other")) == [])
        // No tokenizer needs four tokens for more letters than these.
        #expect(
            Self.found(Self.useCase(maxTokens: 4), Self.rows(String(repeating: "internationalization", count: 4), "b"))
                == [])
    }

    @Test("a single token holds 24 bytes of a label, and no more", arguments: [(24, false), (25, true)])
    func oneToken(bytes: Int, isTooLong: Bool) {
        let found = Self.found(Self.useCase(maxTokens: 1), Self.rows(String(repeating: "x", count: bytes), "other"))
        #expect(found.map(\.code) == (isTooLong ? ["decoding.label_too_long"] : []))
    }

    @Test("with one label there is nothing to show")
    func oneLabel() {
        #expect(Self.found(Self.useCase(), Self.rows("a")).map(\.code) == ["data.one_label"])
    }

    @Test("a bar that a constant answer clears is said, with its share")
    func majority() throws {
        let rows = Self.rows("a", "a", "a", "b")
        let warning = try #require(Self.found(Self.useCase(), rows).first)
        #expect(
            warning.code == "criterion.below_majority" && warning.message.contains("90 of 120")
                && warning.message.contains("0.750"))
        #expect(Self.found(Self.useCase(require: Accuracy(atLeast: 0.8, confidence: 0.9)), rows) == [])
    }

    @Test("a criterion that the holdout cannot show is refused, with the number that would do")
    func unreachable() throws {
        let error = try #require(Self.found(Self.useCase(require: Accuracy(atLeast: 0.99)), Self.rows("a", "b")).first)
        // Two looks: 0.99^n ≤ 0.025 from 368 on.
        #expect(error.code == "criterion.unreachable" && error.hint?.contains("368") == true)
    }

    @Test("a bar that the holdout just reaches without a miss is within reach, and the next number above it is not")
    func justReachable() {
        // Two looks at 60 rows.
        let bar = Bounds.clopperPearson(successes: 60, trials: 60, alpha: (1 - 0.9) / 2).lower
        func codes(_ bar: Double) -> [String] {
            Self.found(Self.useCase(require: Accuracy(atLeast: bar, confidence: 0.9)), Self.rows("a", "b")).map(\.code)
        }
        #expect(codes(bar) == [] && codes(bar.nextUp) == ["criterion.unreachable"])
    }

    @Test("macro F1 is refused where nothing else ranks prompts, and taken beside accuracy, with its line")
    func macroF1() throws {
        func document(_ alone: Bool) -> DefinitionDocument {
            var document = Self.useCase(require: MacroF1(atLeast: 0.6, confidence: 0.9, line: 41))
            document.locations["validation.require[0]"] = 41
            if !alone { document.useCase.validation?.require.append(Accuracy(atLeast: 0.6, confidence: 0.9).criterion) }
            return document
        }
        let found = Self.found(document(true), Self.rows("a", "b"))
        let error = try #require(found.first)
        #expect(found.count == 1 && error.code == "criterion.no_single_score" && error.line == 41)
        #expect(Self.found(document(false), Self.rows("a", "b")) == [])
        let useCase = document(false).useCase
        #expect(useCase.primaryMetric == .accuracy && useCase.scoredMetrics.contains(.macroF1))
    }

    @Test("always giving one label of many makes little of macro F1")
    func macroMajority() throws {
        func found(_ bar: Double) -> [String] {
            var document = Self.useCase(require: MacroF1(atLeast: bar, confidence: 0.9))
            document.useCase.validation?.require.append(Accuracy(atLeast: 0.8, confidence: 0.9).criterion)
            // F1 of the frequent label: 2·0.75 / 1.75; half of it with two labels.
            return Self.found(document, Self.rows("a", "a", "a", "b")).map(\.message)
        }
        #expect(found(0.42).count == 1 && found(0.42).first?.contains("0.429") == true)
        #expect(found(0.44) == [])
    }

    @Test("what belongs to all answers together is not compared, and its bar has to be within reach")
    func macroElsewhere() {
        var document = Self.useCase(require: MacroF1(atLeast: 0.99))
        document.useCase.validation?.require.append(Accuracy(atLeast: 0.6, confidence: 0.9).criterion)
        document.useCase.validation?.comparisons = [ComparisonDefinition(kind: .better, metric: .macroF1, margin: 0)]
        let codes = Self.found(document, Self.rows("a", "b")).map(\.code)
        #expect(codes.contains("comparison.bad_metric") && codes.contains("criterion.unreachable"))
    }

    @Test("a JSON field that no expected answer has is refused, with the one that was meant")
    func field() throws {
        let rows = Self.rows(#"{"amount": 1, "price": {"unit": "EUR"}}"#, #"{"amount": 2}"#)
        let document = Self.useCase(choices: .none, require: JSONField("amout", atLeast: 0.5, confidence: 0.9))
        let error = try #require(Self.found(document, rows).first { $0.code == "criterion.unknown_field" })
        #expect(error.hint?.contains("did you mean amount?") == true)
        for name in ["amount", "price.unit", "price"] {
            let document = Self.useCase(choices: .none, require: JSONField(name, atLeast: 0.5, confidence: 0.9))
            #expect(!Self.found(document, rows).contains { $0.code == "criterion.unknown_field" })
        }
    }

    @Test("a local model that does not come with Fledge is refused")
    func localModel() throws {
        let error = try #require(Self.found(Self.useCase(model: "smollm-135m-instruct"), Self.rows("a", "b")).first)
        #expect(
            error.code == "models.unknown_local" && error.hint?.contains("did you mean smollm2-135m-instruct?") == true)
    }

    @Test("a field that no row has is named once, with the one that was meant")
    func unknownField() {
        let facts = DatasetFacts(
            error: nil, rowCount: 0, fields: ["label", "text"], labels: 0,
            problems: (1...120).map { (row: $0, line: $0, message: "has no field txt") }, path: "d.jsonl")
        var document = Self.useCase()
        document.useCase.dataset?.inputs = ["txt"]
        document.useCase.promptPrototype?.prompts[0].user = "{{txt}}"
        let found = DefinitionValidator.diagnostics(
            for: document, dataset: facts, isKnownZone: { _ in true }, isRegularExpression: { _ in true })
        #expect(found.map(\.code) == ["dataset.unknown_field"])
        #expect(found.first?.hint?.hasPrefix("did you mean text?") == true)
    }
}

import FledgeCore
import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@testable import Workflows

@Suite struct DefinitionValidatorTests {
    private static let facts = DatasetFacts(
        error: nil, rowCount: 1000, fields: ["gloss", "category", "lemma"], labels: 12, problems: [], path: "data.jsonl"
    )

    private static func diagnostics(_ document: DefinitionDocument, _ facts: DatasetFacts = facts) -> [Diagnostic] {
        DefinitionValidator.diagnostics(
            for: document, dataset: facts, isKnownZone: { TimeZone(identifier: $0) != nil },
            isRegularExpression: RegularExpressionScorer.compiles)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let code: String
        let place: String
        let change: @Sendable (inout UseCaseDefinition) -> Void
        var testDescription: String { code }

        init(_ code: String, _ place: String, _ change: @escaping @Sendable (inout UseCaseDefinition) -> Void) {
            self.code = code
            self.place = place
            self.change = change
        }
    }

    static let faults: [Fault] = [
        Fault("definition.bad_name", "useCase") { $0.name = "Two Words" },
        Fault("definition.missing_part", "useCase") { $0.validation = nil },
        Fault("dataset.unknown_field", "dataset.inputs[0]") { $0.dataset?.inputs = ["glos"] },
        Fault("dataset.unknown_field", "dataset.expected") { $0.dataset?.expected = "kategory" },
        Fault("dataset.bad_split", "dataset.split") { $0.dataset?.split?.prototype = 0 },
        Fault("dataset.split_too_large", "dataset.split") { $0.dataset?.split?.holdout = 5000 },
        Fault("models.none", "useCase") { $0.models = [] },
        Fault("validation.bad_looks", "validation") { $0.validation?.holdoutLooks = 0 },
        Fault("models.duplicate", "models") { $0.models.append($0.models[0]) },
        Fault("models.bad_price", "models[0]") {
            $0.models[0].price = TokenPrice(
                promptMicroDollarsPerMillion: .max, completionMicroDollarsPerMillion: 600_000)
        },
        Fault("models.bad_url", "models[0]") { $0.models[0].endpoint = .openAICompatible(url: "ftp://x", key: nil) },
        Fault("models.bad_url", "models[0]") {
            $0.models[0].endpoint = .openAICompatible(url: "https://x/v1/chat/completions", key: nil)
        },
        Fault("models.bare_url", "models[0]") { $0.models[0].endpoint = .openAICompatible(url: "http://x", key: nil) },
        Fault("models.bad_url", "models[0]") {
            $0.models[0].endpoint = .azureOpenAI(url: "https://x/openai", deployment: "d", apiVersion: "1", key: nil)
        },
        Fault("models.bad_url", "models[0]") {
            $0.models[0].endpoint = .azureOpenAI(url: "https://x", deployment: "d/e", apiVersion: "1", key: nil)
        },
        Fault("models.bad_key", "models[0]") {
            $0.models[0].endpoint = .azureOpenAI(url: "https://x", deployment: "d", apiVersion: "1", key: .env("a-b"))
        },
        Fault("models.bad_key", "models[0]") {
            $0.models[0].endpoint = .openAICompatible(url: "https://x/v1", key: .env("sk-canary"))
        },
        Fault("models.bad_url", "models[0]") {
            $0.models[0].endpoint = .openAICompatible(url: "https://me:canary@x/v1", key: nil)
        },
        Fault("models.bad_url", "models[0]") {
            $0.models[0].endpoint = .azureOpenAI(url: "https://canary@x", deployment: "d", apiVersion: "1", key: nil)
        },
        Fault("models.key_in_clear", "models[0]") {
            $0.models[0].endpoint = .openAICompatible(url: "http://gpu-1:8000/v1", key: .env("KEY"))
        },
        Fault("prompts.none", "promptPrototype") { $0.promptPrototype?.prompts = [] },
        Fault("prompts.unknown_variable", "promptPrototype.prompts[0]") {
            $0.promptPrototype?.prompts[0].user = "{{gloss}} {{word}}"
        },
        Fault("prompts.too_many_demonstrations", "promptPrototype.prompts[0]") {
            $0.promptPrototype?.prompts[0].demonstrations = 500
        },
        Fault("decoding.bad_json_schema", "promptPrototype") {
            $0.promptPrototype?.decoding.choices = .none
            $0.promptPrototype?.decoding.jsonSchema = "{"
        },
        Fault("decoding.two_constraints", "promptPrototype") {
            $0.promptPrototype?.decoding.choices = .list(["a"])
            $0.promptPrototype?.decoding.jsonSchema = "{}"
        },
        Fault("budget.not_positive", "promptPrototype.budget") { $0.promptPrototype?.budget?.calls = 0 },
        Fault("criterion.out_of_range", "validation.require[0]") { $0.validation?.require[0].bound = .atLeast(80) },
        Fault("criterion.out_of_range", "validation.require[0]") { $0.validation?.require[0].bound = .atLeast(.nan) },
        Fault("criterion.bad_confidence", "validation.require[0]") { $0.validation?.require[0].confidence = 95 },
        Fault("criterion.wrong_side", "validation.require[0]") {
            $0.validation?.require[0] = CriterionDefinition(metric: .latency(percentile: .p95), bound: .atLeast(2))
        },
        Fault("criterion.bad_pattern", "validation.require[0]") {
            $0.validation?.require[0].metric = .regularExpression("(")
        },
        Fault("criterion.no_price", "validation.require[0]") {
            $0.validation?.require[0] = CriterionDefinition(metric: .costPerThousandCalls, bound: .atMost(2))
        },
        Fault("validation.no_criteria", "validation") { $0.validation?.require = [] },
        Fault("forecast.bad_calls", "useCase") { $0.forecast = ForecastDefinition(calls: -1, period: .month) },
        Fault("forecast.bad_horizon", "useCase") {
            $0.forecast = ForecastDefinition(calls: 1, period: .month, horizon: .init(count: 0, unit: .month))
        },
        Fault("costs.bad_price", "useCase") { $0.costs = CostsDefinition(perLabelMicroDollars: -1) },
        Fault("costs.bad_price", "useCase") { $0.costs = CostsDefinition(perTrainingHourMicroDollars: .max) },
        Fault("costs.unused", "useCase") {
            $0.costs = CostsDefinition(perLabelMicroDollars: 1)
            $0.fineTune = nil
        },
        Fault("fine_tune.bad_adapter_prompts", "fineTune") { $0.fineTune?.adapterPrompts = 0 },
        Fault("fine_tune.out_of_range", "fineTune.lora") { $0.fineTune?.lora.rank = 0 },
        Fault("fine_tune.out_of_range", "fineTune.lora") { $0.fineTune?.lora.gradientAccumulation = 0 },
        Fault("fine_tune.out_of_range", "fineTune.lora") { $0.fineTune?.lora.sequenceLength = 8 },
        Fault("fine_tune.out_of_range", "fineTune.lora") { $0.fineTune?.lora.beta = .nan },
        Fault("sweep.out_of_range", "fineTune.sweep.ranks") { $0.fineTune?.sweep?.ranks = [4, 0] },
        Fault("sweep.out_of_range", "fineTune.sweep.learningRates") { $0.fineTune?.sweep?.learningRates = [.nan] },
        Fault("sweep.out_of_range", "fineTune.sweep") { $0.fineTune?.sweep?.batchSizes = [8, 0] },
        Fault("sweep.out_of_range", "fineTune.sweep") { $0.fineTune?.sweep?.weightDecays = [0, 1] },
        Fault("sweep.duplicate", "fineTune.sweep") { $0.fineTune?.sweep?.batchSizes = [8, 8] },
        Fault("sweep.duplicate", "fineTune.sweep.ranks") { $0.fineTune?.sweep?.ranks = [4, 4] },
        Fault("sweep.nothing_to_try", "fineTune.sweep") { $0.fineTune?.sweep = SweepDefinition() },
        Fault("sweep.bad_trials", "fineTune.sweep") { $0.fineTune?.sweep?.trials = 1 },
        Fault("sweep.bad_folds", "fineTune.sweep") { $0.fineTune?.sweep?.folds = 1 },
        Fault("sweep.bad_limit", "fineTune.sweep.limit") { $0.fineTune?.sweep?.limitSeconds = 0 },
        Fault("sweep.bad_cost", "fineTune.sweep") { $0.fineTune?.sweep?.costMicroDollars = 0 },
        Fault("sweep.no_price", "fineTune.sweep") { $0.fineTune?.sweep?.costMicroDollars = 1 },
        Fault("pilot.too_few_sizes", "fineTune.pilot") { $0.fineTune?.pilot?.sizes = [50, 100] },
        Fault("pilot.bad_size", "fineTune.pilot") { $0.fineTune?.pilot?.sizes = [0, 50] },
        Fault("pilot.not_rising", "fineTune.pilot") { $0.fineTune?.pilot?.sizes = [100, 50] },
        Fault("pilot.too_large", "fineTune.pilot") { $0.fineTune?.pilot?.sizes = [100, 490] },
        Fault("reports.no_zone", "reports[0]") { $0.reports[0].zone = "" },
        Fault("reports.unknown_zone", "reports[0]") { $0.reports[0].zone = "Europe/Nowhere" },
        Fault("reports.bad_time", "reports[0]") { $0.reports[0].time = "9:70" },
    ]

    private static let sound = UseCase("sound") {
        Dataset("data.jsonl") {
            Input("gloss")
            Expected("category")
            Split(prototype: 200, holdout: 300, seed: 7)
        }
        Models {
            Model("small", at: .local)
        }
        PromptPrototype {
            Prompt("plain") { User("{{gloss}}") }
            Budget(calls: 100)
        }
        Validation {
            Require { Accuracy(atLeast: 0.8) }
        }
        FineTune {
            LoRA()
            Sweep {
                Rank(4, 8)
                LearningRate(5e-4, 1e-3)
                Limit(.minutes(60))
            }
            Pilot(sizes: 50, 100, 200)
        }
        Reports {
            Weekly(on: .monday, at: "09:00", in: "Europe/Berlin", as: .html)
        }
    }

    @Test("a sound definition has no problem")
    func soundDefinition() {
        #expect(Self.diagnostics(Self.sound.document) == [])
    }

    @Test("one look at the holdout is enough")
    func oneLook() {
        var document = Self.sound.document
        document.useCase.validation?.holdoutLooks = 1
        #expect(Self.diagnostics(document) == [])
    }

    @Test("splits are stratified by labels of ten rows and more, on average", arguments: [(100, false), (101, true)])
    func stratified(labels: Int, isTold: Bool) {
        var document = Self.sound.document
        document.useCase.dataset?.split?.stratify = .label
        var facts = Self.facts
        facts.labels = labels
        #expect(Self.diagnostics(document, facts).map(\.code) == (isTold ? ["dataset.many_labels"] : []))
    }

    @Test("a row's problem is told with the row's number, and one of the whole file without")
    func badRows() {
        var facts = Self.facts
        facts.problems = [
            (row: 0, line: 1, message: "is no table"), (row: 1, line: 2, message: "is empty"),
            (row: 2, line: 3, message: "is too long"),
        ]
        let found = Self.diagnostics(Self.sound.document, facts)
        #expect(found.map(\.message) == ["is no table", "row 1 is empty", "row 2 is too long"])
        #expect(found.map(\.line) == [1, 2, 3])
        #expect(found.allSatisfy { $0.code == "data.bad_row" && $0.file == "data.jsonl" })
    }

    @Test("each fault is found at its line, with its code", arguments: faults)
    func finds(_ fault: Fault) throws {
        var document = Self.sound.document
        fault.change(&document.useCase)
        let found = Self.diagnostics(document)
        let line = try #require(document.locations[fault.place])
        #expect(found.contains { $0.code == fault.code && $0.line == line }, "\(found)")
        #expect(!found.contains { $0.message.contains("sk-canary") })
    }

    @Test("all problems come at once")
    func allAtOnce() {
        var document = Self.sound.document
        for fault in Self.faults where ["reports.bad_time", "models.none", "dataset.bad_split"].contains(fault.code) {
            fault.change(&document.useCase)
        }
        let codes = Set(Self.diagnostics(document).map(\.code))
        #expect(codes.isSuperset(of: ["reports.bad_time", "models.none", "dataset.bad_split"]))
    }

    @Test(
        "the use cases that come with Fledge are sound", arguments: [addressState.document, lexicalCategory.document])
    func shipped(_ document: DefinitionDocument) {
        let dataset = document.useCase.dataset
        let fields = (dataset?.inputs ?? []) + [dataset?.expected ?? "", dataset?.group ?? ""]
        let facts = DatasetFacts(
            error: nil, rowCount: 1_000_000, fields: fields, labels: 50, problems: [], path: dataset?.path)
        #expect(Self.diagnostics(document, facts).filter { $0.severity == .error } == [])
    }

    @Test("a priority is 0 to 9", arguments: [(0, true), (9, true), (-1, false), (10, false), (Int.max, false)])
    func priorities(priority: Int, isSound: Bool) {
        var document = lexicalCategory.document
        document.useCase.priority = priority
        let found = DefinitionValidator.diagnostics(
            for: document,
            dataset: DatasetFacts(error: nil, rowCount: 0, fields: [], labels: 0, problems: [], path: nil),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true })
        #expect(found.contains { $0.code == "definition.bad_priority" } == !isSound)
    }
}

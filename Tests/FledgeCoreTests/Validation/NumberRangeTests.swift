import FledgeCore
import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@testable import Workflows

@Suite("Numbers of a definition")
struct NumberRangeTests {
    /// Every part that has a number, each optional one said.
    static var full: UseCaseDefinition {
        var definition = lexicalCategory.document.useCase
        definition.priority = 1
        definition.dataset?.split = SplitDefinition(prototype: 120, holdout: 200, seed: 7)
        definition.models = [
            ModelDefinition(
                name: "small", endpoint: .localWeights(.gguf(file: "/m.gguf"), gpuLayers: .first(3)),
                price: TokenPrice(promptMicroDollarsPerMillion: 1, completionMicroDollarsPerMillion: 2), callsAtOnce: 4)
        ]
        let judge = JudgeDefinition(name: "kind", model: "small", rubric: "Is it kind?", labels: 40)
        let metrics: [(MetricDefinition, Bound)] = [
            (.accuracy, .atLeast(0.8)), (.numeric(tolerance: 0.5), .atLeast(0.5)),
            (.consistency(repeats: 3, examples: 60), .atLeast(0.8)),
            (.robustness([.letterCase], examples: 30), .atLeast(0.8)), (.latency(percentile: .p95), .atMost(5)),
            (.costPerThousandCalls, .atMost(2)), (.tokensPerCall, .atMost(500)), (.judged(judge), .atLeast(0.7)),
            (.macroF1, .atLeast(0.6)),
        ]
        let criteria = metrics.map { CriterionDefinition(metric: $0.0, bound: $0.1) }
        definition.promptPrototype?.decoding = DecodingDefinition(temperature: 0.5, topP: 0.9, maxTokens: 8, seed: 3)
        definition.promptPrototype?.advance = [
            AdvanceAlternative(conditions: [.criterion(criteria[0]), .plateau(rounds: 2, minimumGain: 0.01)])
        ]
        definition.promptPrototype?.rounds = RoundsDefinition(examples: 50, maximum: 4)
        definition.promptPrototype?.budget = BudgetDefinition(calls: 10, tokens: 10, costMicroDollars: 10)
        definition.promptPrototype?.search = SearchDefinition(strategies: [
            .demonstrations(DemonstrationSearch(sets: 2, sizes: [4, 8], isBootstrapped: false)),
            .reflect(ReflectionSearch(model: "small", proposals: 2)),
        ])
        definition.validation = ValidationDefinition(
            require: criteria, holdoutLooks: 2,
            comparisons: [
                ComparisonDefinition(kind: .noWorse, metric: .numeric(tolerance: 1), margin: 0.1),
                ComparisonDefinition(kind: .cheaper, margin: 0.1),
            ], slices: SlicesDefinition(fields: ["lemma"], minimumExamples: 20, confidence: 0.9), missingAnswers: 0.1)
        definition.fineTune = FineTuneDefinition(
            lora: LoRADefinition(gradientAccumulation: 2, sequenceLength: 512, beta: 0.1), trainingExamples: 500,
            adapterPrompts: 3,
            sweep: SweepDefinition(
                ranks: [4, 8], learningRates: [1e-3], dropouts: [0.1], epochs: [2], batchSizes: [8],
                weightDecays: [0.1],
                seeds: [1, 2], limitSeconds: 60, costMicroDollars: 5),
            pilot: PilotDefinition(sizes: [50, 100, 200], seeds: [1]))
        definition.reports = [
            ReportScheduleDefinition(recurrence: .monthly(day: 3), time: "09:00", zone: "UTC", formats: [.json])
        ]
        definition.forecast = ForecastDefinition(calls: 1000, period: .month)
        definition.costs = CostsDefinition(
            perLabelMicroDollars: 1, perTrainingHourMicroDollars: 2,
            tunedPrice: TokenPrice(promptMicroDollarsPerMillion: 1, completionMicroDollarsPerMillion: 2))
        definition.spend = SpendDefinition(costMicroDollars: 1, calls: 1, tokens: 1, period: .day)
        return definition
    }

    private static func check(_ definition: UseCaseDefinition) -> [Diagnostic] {
        DefinitionValidator.diagnostics(
            for: DefinitionDocument(useCase: definition, sourceFile: "d.swift", locations: ["useCase": 1]),
            dataset: DatasetFacts(
                error: nil, rowCount: 1000, fields: ["gloss", "category", "lemma"], labels: 9, problems: [],
                path: "d.jsonl"),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true })
    }

    /// The definition with the number at a path as this text; nil where the text can't stand there.
    private static func changed(_ path: String, to text: String) -> UseCaseDefinition? {
        func replaced(_ value: CanonicalJSON, at place: String) -> CanonicalJSON {
            if place == path { return .string("#number#") }
            switch value {
            case .array(let values):
                return .array(values.enumerated().map { replaced($0.element, at: "\(place)[\($0.offset)]") })
            case .object(let members):
                return .object(
                    Dictionary(
                        uniqueKeysWithValues: members.map {
                            ($0.key, replaced($0.value, at: place.isEmpty ? $0.key : "\(place).\($0.key)"))
                        }))
            default: return value
            }
        }
        let json = replaced(CanonicalJSON(of: full), at: "").text.replacing("\"#number#\"", with: text)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try? decoder.decode(UseCaseDefinition.self, from: Data(json.utf8))
    }

    private static let numbers = DefinitionValues(full).numbers
    private static let extremes = [
        "9223372036854775807", "-9223372036854775808", "18446744073709551615", "-1", "0", "\"NaN\"", "\"Infinity\"",
        "\"-Infinity\"", "1e308", "-1e308", "5e-324", "1000000000",
    ]

    @Test("a document of another format is refused, whatever it holds", arguments: [-1, 0, 2, Int.max, .min])
    func format(format: Int) {
        var document = lexicalCategory.document
        document.format = format
        let found = DefinitionValidator.diagnostics(
            for: document,
            dataset: DatasetFacts(error: nil, rowCount: 0, fields: [], labels: 0, problems: [], path: nil),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true })
        #expect(found.contains { $0.code == "definition.unknown_format" && $0.severity == .error })
    }

    @Test(
        "minutes and hours beyond all bounds are refused with their line, and end no definition",
        arguments: [Int.max, .min, .max / 60, .min / 60 - 1])
    func durations(count: Int) {
        for duration in [Duration.minutes(count), .hours(count)] {
            let line = #line + 1
            let useCase = UseCase("u") { FineTune { Limit(duration) } }
            let found = DefinitionFault.all(in: useCase.document.useCase)
            #expect(found.contains { $0.path == "fineTune.limit" })
            #expect(useCase.document.locations["fineTune.limit"] == line)
        }
    }

    @Test("every number has a range, and every range a number")
    func everyNumberHasARange() {
        let places = Set(Self.numbers.map(\.place))
        for place in places.sorted() {
            #expect(NumberRule.rule(of: place) != nil, "\(place) has no range")
        }
        for rule in NumberRule.all {
            #expect(places.contains { rule.covers($0) }, "\(rule.path) is nowhere in a definition")
        }
    }

    @Test("a definition whose numbers are in their ranges has none out of them")
    func soundIsSound() {
        #expect(DefinitionFault.all(in: Self.full) == [])
    }

    @Test(
        "a number at its extremes is refused where it is out of its range, and whatever is planned from it ends",
        arguments: numbers.map(\.path))
    func extremes(path: String) throws {
        let place = try #require(Self.numbers.first { $0.path == path }?.place)
        let rule = try #require(NumberRule.rule(of: place))
        var tried = 0
        for extreme in Self.extremes {
            guard let definition = Self.changed(path, to: extreme) else { continue }
            guard let value = DefinitionValues(definition).numbers.first(where: { $0.path == path }) else { continue }
            tried += 1
            if !rule.range.contains(value.value) {
                let codes = Self.check(definition).filter { $0.severity == .error }.map(\.code)
                #expect(codes.contains(rule.code), "\(path) = \(extreme) went through")
            }
            Self.plan(definition, changed: path)
        }
        // A percentile is one of four, and what is none is not read.
        #expect(tried >= 2 || path.hasSuffix("percentile"))
    }

    /// What is reckoned from a definition that no check has seen.
    private static func plan(_ definition: UseCaseDefinition, changed path: String) {
        let row = (inputs: ["gloss": "a small animal"], expected: "animal")
        _ = CycleForecast(definition, prototype: [row, row], holdout: 200, training: 300, hasChampion: true)
        let validation = definition.validation ?? ValidationDefinition()
        _ = HoldoutBudget(
            spent: (1...20).map { HoldoutBudget.Spent(example: ExampleID($0), share: 0, looks: 0) },
            validation: validation)
        if path.hasPrefix("validation.holdoutLooks") {
            _ = HoldoutForecast(
                spent: [HoldoutBudget.Spent(example: ExampleID(1), share: 0, looks: 0)], validation: validation)
        }
        for (index, criterion) in validation.require.enumerated()
        where path.hasPrefix("validation.require[\(index)]") {
            _ = CriterionEvaluator.countNeeded(rate: 1, bound: criterion.bound, alpha: 1 - criterion.confidence)
            _ = CriterionEvaluator.countNeeded(
                value: 0.5, bounds: Bounds(lower: 0.4, upper: 0.6), target: criterion.bound.value, count: 50)
        }
        if let price = definition.models.first?.price {
            _ = price.cost(promptTokens: .max, completionTokens: .max)
            let amount = SpendAmount(promptTokens: .max, completionTokens: .max, price: price)
            _ = (amount + amount) * 1_000_000
        }
        let budget = StageBudget(definition.promptPrototype?.budget)
        _ = budget.remainingCalls(after: StageBudget.Spent(calls: 3, tokens: .max, costMicroDollars: .min))
        if let fineTune = definition.fineTune, let sweep = fineTune.sweep {
            let tuning = TuningBudget(sweep, costs: definition.costs)
            _ = tuning.microDollars(for: tuning.seconds)
        }
    }

    @Test("all numbers out of their ranges come at once, each with its line")
    func allAtOnce() {
        var document = DefinitionDocument(
            useCase: Self.full, sourceFile: "d.swift",
            locations: ["useCase": 1, "promptPrototype.rounds": 7, "validation.require[2]": 9, "fineTune.limit": 12])
        document.useCase.promptPrototype?.rounds?.maximum = .max
        document.useCase.validation?.require[2].metric = .consistency(repeats: 1_000_000_000, examples: nil)
        document.useCase.fineTune?.limitSeconds = .max
        let found = DefinitionValidator.diagnostics(
            for: document,
            dataset: DatasetFacts(error: nil, rowCount: 0, fields: [], labels: 0, problems: [], path: nil),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true })
        #expect(found.contains { $0.code == "rounds.not_positive" && $0.line == 7 && $0.hint == "1 to 1000" })
        #expect(found.contains { $0.code == "criterion.bad_repeats" && $0.line == 9 })
        #expect(found.contains { $0.code == "fine_tune.bad_limit" && $0.line == 12 })
    }

    @Test("repeats and changes that would plan millions of calls are refused")
    func longPlans() {
        var definition = Self.full
        definition.dataset?.split?.holdout = 100_000
        definition.validation?.require = [
            CriterionDefinition(metric: .consistency(repeats: 1000, examples: nil), bound: .atLeast(0.8))
        ]
        #expect(DefinitionFault.all(in: definition).map(\.code) == ["criterion.too_many_calls"])
        // Repeats of no example are no calls, however many they are.
        definition.validation?.require[0].metric = .consistency(repeats: 5_000_000, examples: 0)
        let codes = Set(DefinitionFault.all(in: definition).map(\.code))
        #expect(codes == ["criterion.bad_repeats", "criterion.bad_examples"])
    }

    @Test("a stored definition with a number out of its range is refused with its file and line, as bad data")
    func stored() {
        var document = DefinitionDocument(
            useCase: Self.full, sourceFile: "d.swift", locations: ["promptPrototype.rounds": 7])
        document.useCase.promptPrototype?.rounds?.maximum = .max
        let error = #expect(throws: FledgeError.self) { try DefinitionFault.refuse(document) }
        #expect(error?.code == "rounds.not_positive" && error?.exitCode == .badData)
        #expect(error?.place == "d.swift:7")
    }

    @Test("a NUL character is told with the field that holds it, and a text of megabytes with its length")
    func texts() {
        var definition = Self.full
        definition.promptPrototype?.prompts[0].user = "{{gloss}}\u{0}"
        definition.purpose = String(repeating: "x", count: DefinitionFault.mostText + 1)
        let found = DefinitionFault.all(in: definition)
        #expect(Set(found.map(\.code)) == ["definition.nul_character", "definition.text_too_long"])
        #expect(found.contains { $0.path == "promptPrototype.prompts[0].user" })
    }

    @Test(
        "a control character in any text is told with its field and line, and stops nothing that was stored before",
        arguments: [
            ("\u{1B}[2J", "U+001B"), ("\u{7}", "U+0007"), ("a\rb", "U+000D"), ("\r", "U+000D"), ("\u{9B}2J", "U+009B"),
            ("\u{85}", "U+0085"), ("\u{7F}", "U+007F"),
        ])
    func controls(text: String, shown: String) throws {
        var definition = Self.full
        definition.purpose = "Sort messages.\n\(text)"
        definition.promptPrototype?.prompts[0].user = "{{gloss}}\(text)"
        let document = DefinitionDocument(
            useCase: definition, sourceFile: "d.swift", locations: ["useCase": 1, "purpose": 3])
        let found = DefinitionFault.all(in: definition)
        #expect(found.map(\.code) == ["definition.bad_text", "definition.bad_text"])
        #expect(found.map(\.path) == ["promptPrototype.prompts[0].user", "purpose"])
        #expect(found.allSatisfy { $0.message.contains(shown) && !$0.message.contains(text) })
        #expect(document.line(of: "purpose") == 3)
        try DefinitionFault.refuse(document)
        let told = DefinitionValidator.diagnostics(
            for: document,
            dataset: DatasetFacts(error: nil, rowCount: 0, fields: [], labels: 0, problems: [], path: nil),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true }
        ).filter { $0.code == "definition.bad_text" }
        #expect(told.map(\.line) == [1, 3] && told.allSatisfy { $0.severity == .error })
    }

    @Test("a name with a control character is told once, beside other texts of the same part")
    func names() {
        var definition = Self.full
        definition.owner = "ada\u{1B}"
        definition.promptPrototype?.prompts[0].name = "plain\u{7}"
        definition.promptPrototype?.prompts[0].user = "{{gloss}}\u{8}"
        let told = DefinitionValidator.diagnostics(
            for: DefinitionDocument(useCase: definition, sourceFile: "d.swift"),
            dataset: DatasetFacts(error: nil, rowCount: 0, fields: [], labels: 0, problems: [], path: nil),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true }
        ).filter { $0.code == "definition.bad_text" }
        #expect(told.count == 3, "\(told)")
    }

    @Test("line breaks, tabs, other scripts and marks of their direction are text")
    func plainTexts() {
        var definition = Self.full
        definition.purpose = "one\r\n\ttwo\nthree שלום\u{200F} naïve 日本 👩‍🔬"
        #expect(DefinitionFault.all(in: definition).isEmpty)
    }

    @Test("docs/definition-numbers.md has every range; FLEDGE_RECORD=1 writes it anew")
    func documentation() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/definition-numbers.md")
        if ProcessInfo.processInfo.environment["FLEDGE_RECORD"] == "1" {
            try Data(NumberRule.page.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == NumberRule.page)
    }
}

import FledgeCore
import FledgeDocument
import Testing

@Suite("Which edits ask for new evidence")
struct EvidenceChangeTests {
    private static let definition = UseCaseDefinition(
        name: "triage", purpose: "Sort.", owner: "support",
        dataset: DatasetDefinition(
            path: "a.csv", inputs: ["text"], expected: "label",
            split: SplitDefinition(prototype: 20, holdout: 40, seed: 1)),
        models: [
            ModelDefinition(
                name: "small", endpoint: .openAICompatible(url: "https://one.example/v1", key: .env("KEY")),
                price: TokenPrice(promptMicroDollarsPerMillion: 1, completionMicroDollarsPerMillion: 2))
        ],
        promptPrototype: PromptPrototypeDefinition(
            prompts: [PromptDefinition(name: "plain", user: "{{text}}")], decoding: DecodingDefinition(maxTokens: 4),
            advance: [AdvanceAlternative(conditions: [.plateau(rounds: 1, minimumGain: 0)])],
            budget: BudgetDefinition(calls: 100)),
        validation: ValidationDefinition(
            require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8))]),
        fineTune: FineTuneDefinition(), production: ProductionDefinition(approval: .automatic),
        reports: [ReportScheduleDefinition(recurrence: .daily, time: "08:00", zone: "UTC", formats: [.html])])

    struct Edit: CustomTestStringConvertible, Sendable {
        var name: String
        var edit: @Sendable (inout UseCaseDefinition) -> Void
        var testDescription: String { name }

        init(_ name: String, _ edit: @escaping @Sendable (inout UseCaseDefinition) -> Void) {
            self.name = name
            self.edit = edit
        }
    }

    static let free: [Edit] = [
        Edit("purpose") { $0.purpose = "Sort well." }, Edit("owner") { $0.owner = "nobody" },
        Edit("no owner") { $0.owner = nil }, Edit("reports") { $0.reports = [] },
        Edit("priority") { $0.priority = 4 }, Edit("spend") { $0.spend = SpendDefinition(calls: 9, period: .month) },
        Edit("approval") { $0.production = ProductionDefinition(approval: .manual) },
        Edit("key") { $0.models[0].endpoint = .openAICompatible(url: "https://one.example/v1", key: .env("OTHER")) },
        Edit("calls at once") { $0.models[0].callsAtOnce = 3 }, Edit("price") { $0.models[0].price = nil },
    ]

    static let evidence: [Edit] = [
        Edit("data file") { $0.dataset?.path = "b.csv" }, Edit("split") { $0.dataset?.split?.seed = 2 },
        Edit("group") { $0.dataset?.group = "customer" },
        Edit("preferences") { $0.dataset?.preferences = PreferencesDefinition(chosen: "good", rejected: "bad") },
        Edit("model's name") { $0.models[0].name = "large" },
        Edit("model's address") { $0.models[0].endpoint = .local },
        Edit("model is tried") { $0.models[0].isTried = false },
        Edit("another model") { $0.models.append(ModelDefinition(name: "large", endpoint: .local)) },
        Edit("prompt") { $0.promptPrototype?.prompts[0].user = "Label: {{text}}" },
        Edit("decoding") { $0.promptPrototype?.decoding.maxTokens = 5 },
        Edit("search") { $0.promptPrototype?.search = SearchDefinition(strategies: [.edits]) },
        Edit("advance") { $0.promptPrototype?.advance = [] },
        Edit("rounds") { $0.promptPrototype?.rounds = RoundsDefinition(maximum: 2) },
        Edit("budget") { $0.promptPrototype?.budget = nil },
        Edit("bar") { $0.validation?.require[0].bound = .atLeast(0.9) },
        Edit("looks") { $0.validation?.holdoutLooks = 4 },
        Edit("comparisons") { $0.validation?.comparisons = [ComparisonDefinition(kind: .better, margin: 0)] },
        Edit("fine-tune") { $0.fineTune?.lora.rank = 16 }, Edit("no fine-tune") { $0.fineTune = nil },
        Edit("forecast") { $0.forecast = ForecastDefinition(calls: 10, period: .day) },
        Edit("costs") { $0.costs = CostsDefinition(perLabelMicroDollars: 10) },
    ]

    @Test("these ask for none, and the words say so", arguments: free)
    func asksForNone(_ edit: Edit) {
        var edited = Self.definition
        edit.edit(&edited)
        #expect(!EvidenceChange.isNeeded(from: Self.definition, to: edited))
        let changes = DefinitionDiff.listed(from: Self.definition, to: edited)
        #expect(!changes.isEmpty && changes.allSatisfy { !$0.isEvidence })
    }

    @Test("these do, and the words say so", arguments: evidence)
    func asksForEvidence(_ edit: Edit) {
        var edited = Self.definition
        edit.edit(&edited)
        #expect(EvidenceChange.isNeeded(from: Self.definition, to: edited))
        let changes = DefinitionDiff.listed(from: Self.definition, to: edited)
        #expect(changes.contains { $0.isEvidence })
    }

    @Test(
        "a price does where something is held against it, before the edit or after it",
        arguments: [
            Edit("a criterion on costs") {
                $0.validation?.require.append(CriterionDefinition(metric: .costPerThousandCalls, bound: .atMost(1)))
            },
            Edit("an advance condition on costs") {
                $0.promptPrototype?.advance[0].conditions.append(
                    .criterion(CriterionDefinition(metric: .costPerThousandCalls, bound: .atMost(1))))
            },
            Edit("a comparison of costs") {
                $0.validation?.comparisons = [ComparisonDefinition(kind: .cheaper, margin: 0.1)]
            },
            Edit("a budget in money") { $0.promptPrototype?.budget?.costMicroDollars = 9 },
            Edit("a forecast") { $0.forecast = ForecastDefinition(calls: 10, period: .day) },
        ])
    func price(_ weighs: Edit) {
        var weighed = Self.definition
        weighs.edit(&weighed)
        var edited = weighed
        edited.models[0].price?.promptMicroDollarsPerMillion = 7
        #expect(EvidenceChange.isNeeded(from: weighed, to: edited))
        #expect(DefinitionDiff.listed(from: weighed, to: edited).map(\.isEvidence) == [true])
    }

    @Test("one that changes both is told change by change")
    func both() {
        var edited = Self.definition
        edited.owner = "others"
        edited.promptPrototype?.prompts[0].user = "{{text}}?"
        #expect(EvidenceChange.isNeeded(from: Self.definition, to: edited))
        #expect(DefinitionDiff.listed(from: Self.definition, to: edited).map(\.isEvidence) == [false, true])
    }

    @Test("another order of prompts is a change that is said")
    func order() {
        var two = Self.definition
        two.promptPrototype?.prompts.append(PromptDefinition(name: "other", user: "{{text}}!"))
        var turned = two
        turned.promptPrototype?.prompts.reverse()
        #expect(EvidenceChange.isNeeded(from: two, to: turned))
        #expect(DefinitionDiff.changes(from: two, to: turned) == ["other parts changed"])
    }
}

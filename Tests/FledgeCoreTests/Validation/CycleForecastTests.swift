import FledgeCore
import FledgeDocument
import Testing

@Suite("What a cycle can ask for at the most")
struct CycleForecastTests {
    private static let price = TokenPrice(
        promptMicroDollarsPerMillion: 1_000_000, completionMicroDollarsPerMillion: 2_000_000)

    private static func definition(budget: BudgetDefinition?) -> UseCaseDefinition {
        UseCaseDefinition(
            name: "triage", models: [ModelDefinition(name: "small", endpoint: .local, price: price)],
            promptPrototype: PromptPrototypeDefinition(
                prompts: [PromptDefinition(name: "p", user: "{{text}}")], decoding: DecodingDefinition(maxTokens: 4),
                budget: budget),
            validation: ValidationDefinition(
                require: [
                    CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8)),
                    CriterionDefinition(metric: .consistency(repeats: 3, examples: 20), bound: .atLeast(0.9)),
                ]))
    }

    private static func forecast(_ definition: UseCaseDefinition, hasChampion: Bool = false) -> CycleForecast {
        CycleForecast(
            definition, prototype: [(["text": "ten bytes."], "a"), (["text": "short"], "b")], holdout: 100,
            training: 300, hasChampion: hasChampion)
    }

    @Test("a budget bounds the search, repeats count in the gate, and a champion only where it is compared with")
    func calls() {
        var definition = Self.definition(budget: BudgetDefinition(calls: 500))
        #expect(Self.forecast(definition).searchCalls == 500)
        #expect(Self.forecast(definition, hasChampion: true).gateCalls == 140)
        definition.validation?.comparisons = [ComparisonDefinition(kind: .noWorse, margin: 0.02)]
        #expect(Self.forecast(definition, hasChampion: true).gateCalls == 240)
        #expect(Self.forecast(definition).gateCalls == 140)
        definition.promptPrototype?.rounds = RoundsDefinition(maximum: 1)
        #expect(Self.forecast(definition).searchCalls == 2, "one prompt, two rows, one round")
    }

    @Test("the cost is bounded where every tried model has a price and the calls are bounded")
    func cost() throws {
        let bounded = try #require(
            Self.forecast(Self.definition(budget: BudgetDefinition(calls: 500))).costMicroDollars)
        // 8 bytes of the template, 11 of the longest row, 32 for the chat's own: 51 tokens, and 4 of the answer.
        #expect(bounded == 640 * (51 + 8))
        #expect(Self.forecast(Self.definition(budget: nil)).costMicroDollars == nil)
        var money = Self.definition(budget: BudgetDefinition(calls: 500, costMicroDollars: 1_000))
        #expect(Self.forecast(money).costMicroDollars == Int64(1_000 + 140 * 59))
        money.models[0].price = nil
        #expect(Self.forecast(money).costMicroDollars == nil)
    }

    @Test("a training that may follow is told with its limit and its price")
    func training() {
        var definition = Self.definition(budget: nil)
        #expect(Self.forecast(definition).training == nil && Self.forecast(definition).gates == 1)
        definition.fineTune = FineTuneDefinition(limitSeconds: 1800, trainingExamples: 200)
        definition.costs = CostsDefinition(perTrainingHourMicroDollars: 1_000_000)
        let forecast = Self.forecast(definition)
        #expect(forecast.gates == 2 && forecast.training?.examples == 200 && forecast.training?.seconds == 1800)
        #expect(forecast.training?.costMicroDollars == 500_000)
    }
}

import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@testable import Workflows

@Suite struct EconomicsLoweringTests {
    @Test("a forecast, costs and the comparison on the adapter lower to the document, with their lines")
    func lowers() {
        let start = #line + 1
        let document = UseCase("u") {
            Forecast(calls: 40_000, per: .month, horizon: .years(2))
            Costs(
                perLabel: .cents(10), perTrainingHour: .dollars(1.20),
                tuned: .perMillionTokens(prompt: .cents(5), completion: .cents(20)))
            FineTune { AdapterPrompts(atMost: 4) }
        }.document
        #expect(
            document.useCase.forecast
                == ForecastDefinition(calls: 40_000, period: .month, horizon: .init(count: 2, unit: .year)))
        #expect(
            document.useCase.costs
                == CostsDefinition(
                    perLabelMicroDollars: 100_000, perTrainingHourMicroDollars: 1_200_000,
                    tunedPrice: TokenPrice(
                        promptMicroDollarsPerMillion: 50_000, completionMicroDollarsPerMillion: 200_000)))
        #expect(document.useCase.fineTune?.adapterPrompts == 4)
        #expect(document.locations["forecast"] == start + 1)
        #expect(document.locations["costs"] == start + 2)
        #expect(document.locations["fineTune.adapterPrompts"] == start + 5)
    }

    @Test("what is not said leaves no trace in the canonical JSON, and half of the costs is half of them")
    func absent() {
        let plain = UseCase("u") { FineTune {} }.document.useCase.canonicalJSON
        for name in ["forecast", "costs", "adapterPrompts"] { #expect(!plain.contains(name)) }
        let half = UseCase("u") { Costs(perLabel: .dollars(0)) }.document.useCase
        #expect(half.canonicalJSON.contains(#""costs":{"perLabelMicroDollars":0}"#))
    }

    @Test("a changed forecast and changed costs are named")
    func differences() {
        var old = lexicalCategory.document.useCase
        old.forecast = ForecastDefinition(calls: 1_000, period: .day)
        var new = old
        new.forecast?.calls = 2_000
        new.costs = CostsDefinition(perLabelMicroDollars: 1)
        let changes = DefinitionDiff.changes(from: old, to: new)
        #expect(changes.count == 2)
        #expect(changes.contains { $0.hasPrefix("forecast: ") && $0.contains("2000") })
        #expect(changes.contains { $0.hasPrefix("costs added: ") })
    }
}

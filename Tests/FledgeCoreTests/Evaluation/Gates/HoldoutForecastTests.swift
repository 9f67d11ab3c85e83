import FledgeCore
import FledgeDocument
import Testing

@Suite("What is left of a holdout")
struct HoldoutForecastTests {
    /// Computed with scipy.stats.binom: the least n from which on the power is 0.8 or more, at α = 0.025.
    @Test(
        "rows that are needed are those of the exact binomial distribution",
        arguments: [
            (0.80, 0.03, 1388), (0.80, 0.05, 494), (0.80, 0.10, 113), (0.85, 0.03, 1089), (0.85, 0.05, 379),
            (0.85, 0.10, 84), (0.90, 0.03, 742), (0.90, 0.05, 255), (0.90, 0.10, 36),
        ])
    func power(_ bar: Double, _ margin: Double, _ rows: Int) {
        #expect(HoldoutPower.rows(bar: bar, truth: bar + margin, alpha: 0.025) == rows)
    }

    @Test("at the bar, below it, or beyond the limit there is no number")
    func none() {
        #expect(HoldoutPower.rows(bar: 0.8, truth: 0.8, alpha: 0.025) == nil)
        #expect(HoldoutPower.rows(bar: 0.8, truth: 0.7, alpha: 0.025) == nil)
        #expect(HoldoutPower.rows(bar: 0.5, truth: 0.501, alpha: 0.025, limit: 200) == nil)
        for bar in [0, 1, -1, .nan] as [Double] { #expect(HoldoutPower.rows(bar: bar, truth: 2, alpha: 0.025) == nil) }
    }

    private static let validation = ValidationDefinition(
        require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8))])

    private static func spent(_ shares: [Double]) -> [HoldoutBudget.Spent] {
        shares.enumerated().map { .init(example: ExampleID(Int64($0 + 1)), share: $1, looks: $1 > 0 ? 1 : 0) }
    }

    @Test("each look takes its share, and the rest is told")
    func looks() {
        let fresh = HoldoutForecast(spent: Self.spent(Array(repeating: 0, count: 60)), validation: Self.validation)
        #expect(fresh.looksLeft == 2 && fresh.usable == 60 && !fresh.isExhausted && fresh.freshIfAllRight == nil)
        #expect(abs(fresh.alphaLeft - 0.05) < 1e-12 && abs(fresh.alphaOfLook - 0.025) < 1e-12)
        let once = HoldoutForecast(spent: Self.spent(Array(repeating: 0.5, count: 60)), validation: Self.validation)
        #expect(once.looksLeft == 1 && abs(once.alphaLeft - 0.025) < 1e-12)
        let over = HoldoutForecast(spent: Self.spent(Array(repeating: 1, count: 60)), validation: Self.validation)
        #expect(over.looksLeft == 0 && over.usable == 0 && over.isExhausted && over.alphaLeft == 0)
        #expect(over.freshIfAllRight == 17, "0.8 to the power of 17 is under 0.025")
        #expect(
            over.sentences.contains { $0.contains("with 17 fresh rows one would pass only if every answer were right") }
        )
        #expect(over.rowsNeeded.map(\.rows) == [494, 113])
    }

    @Test("fresh rows beside used ones are what a look can use")
    func mixed() {
        let shares = Array(repeating: 1.0, count: 60) + Array(repeating: 0.0, count: 40)
        let mixed = HoldoutForecast(spent: Self.spent(shares), validation: Self.validation)
        #expect(mixed.examples == 100 && mixed.usable == 40 && mixed.looksLeft == 2)
        #expect(abs(mixed.alphaLeft - 0.05) < 1e-12)
    }

    @Test("a holdout without rows, or a definition without criteria, says nothing that is wrong")
    func empty() {
        #expect(HoldoutForecast(spent: [], validation: Self.validation).sentences.isEmpty)
        let none = HoldoutForecast(spent: Self.spent([0, 0]), validation: ValidationDefinition())
        #expect(none.rowsNeeded.isEmpty && none.looksLeft == 2)
    }
}

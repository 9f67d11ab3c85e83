import FledgeCore
import FledgeDocument
import Testing

@Suite("How many examples would do")
struct CountNeededTests {
    private static func isSettled(_ rate: Double, _ bound: Bound, _ alpha: Double, _ count: Int) -> Bool {
        let bounds = Bounds.clopperPearson(
            successes: Int((rate * Double(count)).rounded()), trials: count, alpha: alpha)
        return switch bound {
        case .atLeast(let value): bounds.lower >= value || bounds.upper < value
        case .atMost(let value): bounds.upper <= value || bounds.lower > value
        }
    }

    @Test(
        "the same rate settles it with so many, and not with one fewer",
        arguments: [
            (0.9, Bound.atLeast(0.8)), (0.7, .atLeast(0.8)), (0.82, .atLeast(0.8)), (1, .atLeast(0.9)),
            (0, .atLeast(0.5)), (0.05, .atMost(0.1)), (0.15, .atMost(0.1)), (0, .atMost(0.1)),
        ])
    func rate(_ rate: Double, _ bound: Bound) throws {
        for alpha in [0.05, 0.01] {
            let needed = try #require(CriterionEvaluator.countNeeded(rate: rate, bound: bound, alpha: alpha))
            #expect(Self.isSettled(rate, bound, alpha, needed) && !Self.isSettled(rate, bound, alpha, needed - 1))
        }
    }

    @Test("all right of so many shows a rate: the known numbers of acceptance sampling")
    func allRight() {
        // ln 0.05 / ln 0.9 = 28.4, ln 0.05 / ln 0.99 = 298.07, ln 0.01 / ln 0.95 = 89.8.
        #expect(CriterionEvaluator.countNeeded(rate: 1, bound: .atLeast(0.9), alpha: 0.05) == 29)
        #expect(CriterionEvaluator.countNeeded(rate: 1, bound: .atLeast(0.99), alpha: 0.05) == 299)
        #expect(CriterionEvaluator.countNeeded(rate: 0, bound: .atMost(0.05), alpha: 0.01) == 90)
    }

    @Test("a rate at its bound is never settled, and neither is one that is not known")
    func never() {
        #expect(CriterionEvaluator.countNeeded(rate: 0.8, bound: .atLeast(0.8), alpha: 0.05) == nil)
        #expect(CriterionEvaluator.countNeeded(rate: .nan, bound: .atLeast(0.8), alpha: 0.05) == nil)
        #expect(CriterionEvaluator.countNeeded(rate: 1, bound: .atLeast(0.9), alpha: 0.05, above: 1_000_001) == nil)
        #expect(CriterionEvaluator.countNeeded(rate: 1, bound: .atLeast(0.9), alpha: 0.05, above: 100) == 101)
    }

    @Test("a bound that no rate can miss is settled by one more example than there were")
    func always() {
        #expect(CriterionEvaluator.countNeeded(rate: 1, bound: .atMost(1), alpha: 0.05) == 5)
        #expect(CriterionEvaluator.countNeeded(rate: 0, bound: .atLeast(0), alpha: 0.05) == 5)
    }

    @Test("other bounds shrink with the root of the number, on the side of the target")
    func byWidth() {
        func needed(_ value: Double, _ bounds: Bounds, _ target: Double, _ count: Int) -> Int? {
            CriterionEvaluator.countNeeded(value: value, bounds: bounds, target: target, count: count)
        }
        // 100 · (0.0625 / 0.03125)², and 100 · (0.125 / 0.03125)² where the target is above.
        #expect(needed(0.75, Bounds(lower: 0.6875, upper: 0.8125), 0.71875, 100) == 400)
        #expect(needed(0.75, Bounds(lower: 0.5, upper: 0.875), 0.78125, 100) == 1600)
        #expect(needed(0.75, Bounds(lower: 0.7, upper: 0.8), 0.5, 100) == 101)
        #expect(needed(0.75, Bounds(lower: 0.625, upper: 0.875), 0.5, 10) == 11)
        #expect(needed(0.75, Bounds(lower: 0.625, upper: 0.875), 0.5, 9) == nil)
        #expect(needed(0.75, Bounds(lower: 0.5, upper: 1), 0.75, 100) == nil)
        #expect(needed(0.75, Bounds(lower: -.infinity, upper: .infinity), 0.5, 100) == nil)
        // A million and no more.
        #expect(needed(0.75, Bounds(lower: 0.25, upper: 1), 0.6875, 15_625) == 1_000_000)
        #expect(needed(0.75, Bounds(lower: 0.25, upper: 1), 0.6875, 15_626) == nil)
    }
}

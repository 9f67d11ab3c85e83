import FledgeCore
import FledgeDocument
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("Comparisons, slices and the ledger for people") struct GateTextTests {
    @Test("a comparison says what was asked, the difference with its bounds, and how it was tested")
    func comparison() {
        let result = ComparisonResult(
            comparison: ComparisonDefinition(kind: .noWorse, margin: 0.02), metric: .accuracy, verdict: .inconclusive,
            value: 0.01, lower: -0.03, upper: 0.05, pValue: 0.08, adjustedPValue: 0.16, count: 300, wins: 20,
            losses: 17, alpha: 0.025, method: "betting on paired differences", countNeeded: 1200)
        #expect(
            GateText.comparison(result)
                == "inconclusive: accuracy less than 0.020 below the champion, difference 0.010 [-0.030, 0.050], n = 300, "
                + "20 won and 17 lost, p = 0.1600 (betting on paired differences); about 1200 examples would settle it")
        let alone = ComparisonEvaluator.withoutChampion(
            [ComparisonDefinition(kind: .cheaper, margin: 0.1)], primary: .accuracy, share: 1)
        #expect(
            GateText.comparison(alone[0])
                == "passed: cost at least 0.100 of the champion's below it; there is no champion yet: nothing to compare with"
        )
    }

    @Test("vetoed slices come one by one, the others together")
    func slices() {
        func slice(_ value: String, _ finding: SliceResult.Finding) -> SliceResult {
            SliceResult(
                field: "language", value: value, metric: .accuracy, finding: finding, count: 40, score: 0.5,
                lower: 0.3, upper: 0.7, bar: 0.8, alpha: 0.05)
        }
        #expect(
            GateText.slices([slice("de", .vetoed), slice("en", .holds), slice("fr", .holds), slice("it", .tooSmall)])
                == [
                    "vetoed: language = de, accuracy 0.500 [0.300, 0.700], asked for at least 0.800, n = 40",
                    "slices that hold: language = en, language = fr",
                    "slices too small to say: language = it (n = 40)",
                ])
    }

    @Test("the ledger shows each look and what is left")
    func ledger() {
        let lines = GateText.ledger(Fixtures.ledger).split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("CYCLE  LOOK  PURPOSE  CANDIDATE"))
        #expect(lines[1].contains("few-shot/2") && lines[1].contains("0.0250") && lines[1].contains("failed"))
        #expect(
            lines.last
                == "300 of the holdout's 300 examples can be looked at again; each may be looked at 2 times.")
    }
}

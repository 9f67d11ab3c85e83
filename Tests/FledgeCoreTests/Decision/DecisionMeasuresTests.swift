import FledgeCore
import Testing

@Suite struct DecisionMeasuresTests {
    private static func scores(_ values: [Double], from first: Int = 1) -> [ExampleID: Double] {
        Dictionary(uniqueKeysWithValues: values.enumerated().map { (ExampleID(Int64(first + $0)), $1) })
    }

    @Test("a gain is paired: only shared examples count, and its bounds are those of the differences")
    func gain() throws {
        let before = Self.scores(Array(repeating: 0, count: 6) + Array(repeating: 1, count: 34))
        let latest = Self.scores([1, 1, 1, 1, 0, 0] + [0] + Array(repeating: 1, count: 40))
        let gain = try #require(PairedGain(before: ("a", before), latest: ("b", latest)))
        #expect(gain.examples == 40)
        #expect(abs(gain.mean - 3.0 / 40) < 1e-12)
        let differences = [1.0, 1, 1, 1, 0, 0, -1] + Array(repeating: 0.0, count: 33)
        // In an order that the differences have no part in.
        var random = SplitMix64(seed: 7)
        let shuffled = differences.shuffled(using: &random)
        #expect(Bounds(lower: gain.lower, upper: gain.upper) == .betting(shuffled, range: -1...1, alpha: 0.05))
        #expect(PairedGain(before: ("a", before), latest: ("b", Self.scores([1], from: 100))) == nil)
    }

    @Test("the bounds on a gain hold at least as often as they say", arguments: [true, false])
    func coverage(isRate: Bool) throws {
        var random = SplitMix64(seed: 11)
        var missed = (below: 0, above: 0)
        let runs = 400
        for _ in 0..<runs {
            // Rates: 0.5 before, 0.6 after, in pairs. Shares: the same means with the half of the spread.
            let pairs = (0..<50).map { _ in
                let common = Double.random(in: 0..<1, using: &random)
                let own = Double.random(in: 0..<1, using: &random)
                let before = common < 0.5 ? 1.0 : 0
                let after = own < 0.2 ? (common < 0.5 ? 0.0 : 1) : before
                return (before, max(after, common > 0.9 ? 1.0 : after))
            }
            let scale = isRate ? 1.0 : 0.5
            let gain = try #require(
                PairedGain(
                    before: ("a", Self.scores(pairs.map { $0.0 * scale })),
                    latest: ("b", Self.scores(pairs.map { $0.1 * scale })), alpha: 0.1))
            // 0.1 of all change from 0 to 1 for certain, of whom 0.2 would have anyhow; otherwise 0.2 flip either way.
            let truth = (0.2 * 0.4 + 0.1 - 0.2 * 0.5) * scale
            if gain.lower > truth { missed.below += 1 }
            if gain.upper < truth { missed.above += 1 }
        }
        #expect(Double(missed.below) / Double(runs) <= 0.1 && Double(missed.above) / Double(runs) <= 0.1, "\(missed)")
    }

    @Test(
        "one label for everything is a behaviour gap, errors all over that demonstrations do not mend a knowledge gap")
    func gap() {
        func found(_ texts: [String], isValid: Bool = true, gain: PairedGain?) -> GapEvidence {
            GapEvidence(
                answers: texts.map { (text: $0, isValid: isValid, isRight: false) }, labels: 4, demonstrationGain: gain)
        }
        let helps = PairedGain(before: "a", latest: "b", examples: 50, mean: 0.3, lower: 0.1, upper: 0.5)
        let helpsNot = PairedGain(before: "a", latest: "b", examples: 50, mean: 0.02, lower: -0.1, upper: 0.15)
        let spread = ["a", "b", "c", "d", "a", "b", "c", "d"]
        #expect(found(Array(repeating: "a", count: 8), gain: helpsNot).finding == .behaviour)
        #expect(found(Array(repeating: "a", count: 8), gain: helpsNot).confusionEntropy == 0)
        #expect(found(spread, gain: helpsNot).finding == .knowledge)
        #expect(abs((found(spread, gain: helpsNot).confusionEntropy ?? 0) - 1) < 1e-12)
        #expect(found(spread, gain: helps).finding == .behaviour)
        #expect(found(spread, gain: nil).finding == .unclear)
        #expect(found(spread, isValid: false, gain: helpsNot).finding == .behaviour)
        #expect(
            GapEvidence(
                answers: [(text: "a", isValid: true, isRight: true)], labels: 4, demonstrationGain: nil
            ).malformedShareOfErrors == nil)
    }
}

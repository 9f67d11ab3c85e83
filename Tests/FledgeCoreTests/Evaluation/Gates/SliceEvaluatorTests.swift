import FledgeCore
import FledgeDocument
import Testing

@Suite("Slices as vetoes") struct SliceEvaluatorTests {
    /// Of a language: so many examples, the first of which are right; and the champion's right ones.
    private static func measured(
        _ language: String, _ count: Int, right: Int, champion: Int? = nil, groupOf: Int = 1
    ) -> [SliceEvaluator.Measured] {
        (0..<count).map { index in
            SliceEvaluator.Measured(
                fields: ["language": language], group: "\(language)/\(index / groupOf)", sample: sample(index < right),
                champion: champion.map { sample(index < $0) })
        }
    }

    private static func sample(_ isRight: Bool) -> Sample {
        Sample(
            candidate: Digest(of: "c"), example: ExampleID(1), repeat: 0, output: "x", errorCode: nil,
            scores: ["accuracy": isRight ? 1 : 0], promptTokens: 1, cachedTokens: 0, completionTokens: 1,
            latencyMicroseconds: 1, costMicroDollars: 0, fromCache: false)
    }

    private static func judge(_ measured: [SliceEvaluator.Measured]) -> [SliceResult] {
        let results = try? SliceEvaluator(measured: measured, share: 1, primary: .accuracy).judge(
            SlicesDefinition(fields: ["language"]),
            criteria: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8))])
        return results ?? []
    }

    private static let passed = CriterionResult(
        criterion: CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8)), verdict: .passed, value: 0.93,
        lower: 0.9, upper: 0.95, count: 300, alpha: 0.05)

    @Test("a slice that is shown to miss the bar fails the gate, whatever the mean says")
    func veto() throws {
        let results = Self.judge(Self.measured("en", 270, right: 262) + Self.measured("de", 40, right: 20))
        let german = try #require(results.first { $0.value == "de" })
        #expect(german.finding == .vetoed && (german.upper ?? 1) < 0.8 && german.bar == 0.8)
        #expect(results.first { $0.value == "en" }?.finding == .holds)
        #expect(GateEvaluator.verdict(of: [Self.passed], slices: results) == .failed)
    }

    @Test("a slice below the bar by chance alone is no veto")
    func chance() {
        let results = Self.judge(Self.measured("en", 270, right: 262) + Self.measured("de", 40, right: 31))
        #expect(results.allSatisfy { $0.finding == .holds })
        #expect(GateEvaluator.verdict(of: [Self.passed], slices: results) == .passed)
    }

    @Test("a slice with too few examples is reported, and decides nothing")
    func tooSmall() {
        let results = Self.judge(Self.measured("en", 270, right: 262) + Self.measured("de", 10, right: 0))
        #expect(results.first { $0.value == "de" }?.finding == .tooSmall)
        #expect(GateEvaluator.verdict(of: [Self.passed], slices: results) == .passed)
    }

    @Test("a slice that the champion answers significantly better is a veto, though it clears the bar")
    func worseThanChampion() throws {
        let results = Self.judge(
            Self.measured("en", 270, right: 262, champion: 255) + Self.measured("de", 60, right: 51, champion: 60))
        let german = try #require(results.first { $0.value == "de" && $0.championScore != nil })
        #expect(german.finding == .vetoed && german.championScore == 1)
        #expect(results.filter { $0.value == "en" }.allSatisfy { $0.finding == .holds })
    }

    @Test("good slices are turned down, any of them, no more often than α")
    func falseVetoes() {
        var random = SplitMix64(seed: 81)
        var vetoed = 0
        for _ in 0..<300 {
            let measured = (0..<10).flatMap { language in
                Self.measured("l\(language)", 30, right: (0..<30).count { _ in random.nextUnit() < 0.8 })
            }
            if Self.judge(measured).contains(where: { $0.finding == .vetoed }) { vetoed += 1 }
        }
        #expect(vetoed <= 15 + 12)
    }

    @Test("a customer's many bad answers are one customer's: no veto", arguments: [nil, 40])
    func oneGroup(champion: Int?) throws {
        let german = Self.measured("de", 40, right: 20, champion: champion, groupOf: 20)
        let results = Self.judge(Self.measured("en", 270, right: 262, champion: champion.map { _ in 262 }) + german)
        #expect(results.allSatisfy { $0.finding == .holds })
        let bounded = results.filter { $0.value == "de" }
        #expect(bounded.allSatisfy { ($0.upper ?? 0) > 0.8 })
    }

    @Test("many customers' bad answers are a veto", arguments: [nil, 180])
    func manyGroups(champion: Int?) {
        let german = Self.measured("de", 180, right: 60, champion: champion, groupOf: 3)
        let results = Self.judge(Self.measured("en", 270, right: 262, champion: champion.map { _ in 262 }) + german)
        #expect(results.filter { $0.value == "de" }.allSatisfy { $0.finding == .vetoed })
    }

    @Test("good slices of grouped examples are turned down, any of them, no more often than α")
    func falseVetoesOfGroups() {
        var random = SplitMix64(seed: 82)
        var vetoed = 0
        for _ in 0..<300 {
            let measured = (0..<10).flatMap { language in
                // All of a group's four examples are right, or none.
                (0..<12).flatMap { group -> [SliceEvaluator.Measured] in
                    let isRight = random.nextUnit() < 0.8
                    return (0..<4).map { _ in
                        SliceEvaluator.Measured(
                            fields: ["language": "l\(language)"], group: "l\(language)/\(group)",
                            sample: Self.sample(isRight), champion: nil)
                    }
                }
            }
            if Self.judge(measured).contains(where: { $0.finding == .vetoed }) { vetoed += 1 }
        }
        #expect(vetoed <= 15 + 12)
    }

    @Test("a good slice is no veto because its groups' names go with what is hard")
    func namesOfGroups() {
        // One group in five is all wrong: at the bar. By name the wrong ones come first.
        let measured = (0..<120).map { index in
            let isRight = index / 2 % 5 != 4
            return SliceEvaluator.Measured(
                fields: ["language": "de"], group: "\(isRight ? "plain" : "hard")/\(index / 2)",
                sample: Self.sample(isRight), champion: nil)
        }
        #expect(Self.judge(measured).map(\.finding) == [.holds])
    }
}

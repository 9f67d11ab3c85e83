import FledgeCore
import FledgeDocument
import Testing

@Suite struct CriterionEvaluatorTests {
    /// So many examples, each a group of its own; the hits score 1.
    private static func measured(
        _ count: Int, hits: Int = 0, metric: MetricDefinition = .accuracy, score: Double = 1, latency: Int64 = 1000,
        tokens: Int = 10, cost: Int64 = 2000
    ) -> [CriterionEvaluator.Measured] {
        (0..<count).map {
            sample(
                $0, scores: [metric.name: $0 < hits ? score : 0], latency: latency + Int64($0), tokens: tokens,
                cost: cost)
        }
    }

    private static func sample(
        _ example: Int, repeat: Int = 0, output: String? = "x", scores: [String: Double] = [:], latency: Int64 = 1000,
        tokens: Int = 10, cost: Int64 = 2000
    ) -> CriterionEvaluator.Measured {
        CriterionEvaluator.Measured(
            sample: Sample(
                candidate: Digest(of: "c"), example: ExampleID(Int64(example)), repeat: `repeat`, output: output,
                errorCode: output == nil ? "model.filtered" : nil,
                scores: scores, promptTokens: tokens - 1, cachedTokens: 0, completionTokens: 1,
                latencyMicroseconds: latency,
                costMicroDollars: cost, fromCache: false),
            group: "g\(example)")
    }

    private static func judge(
        _ metric: MetricDefinition, _ bound: Bound, _ measured: [CriterionEvaluator.Measured], looks: Int = 1
    ) -> CriterionResult {
        CriterionEvaluator(measured: measured, looks: looks).judge(CriterionDefinition(metric: metric, bound: bound))
    }

    private static let rates: [MetricDefinition] = [
        .exactMatch, .normalizedMatch, .accuracy, .regularExpression("x"), .jsonField("x"), .numeric(tolerance: 1),
        .validOutput,
    ]

    @Test(
        "a rate passes when its lower bound clears, fails when its upper bound does not reach, else is open",
        arguments: rates)
    func rate(_ metric: MetricDefinition) {
        #expect(Self.judge(metric, .atLeast(0.8), Self.measured(100, hits: 95, metric: metric)).verdict == .passed)
        #expect(Self.judge(metric, .atLeast(0.8), Self.measured(100, hits: 60, metric: metric)).verdict == .failed)
        let open = Self.judge(metric, .atLeast(0.8), Self.measured(100, hits: 83, metric: metric))
        #expect(open.verdict == .inconclusive)
        #expect(open.value == 0.83 && open.count == 100)
        #expect(open.lower ?? 1 < 0.8 && open.upper ?? 0 > 0.8)
        #expect(Self.judge(metric, .atMost(0.1), Self.measured(100, hits: 1, metric: metric)).verdict == .passed)
        #expect(Self.judge(metric, .atMost(0.1), Self.measured(100, hits: 40, metric: metric)).verdict == .failed)
    }

    @Test(
        "without samples the verdict is an error",
        arguments: rates + [
            .macroF1, .tokenF1, .consistency(repeats: 2, examples: nil), .latency(percentile: .p50),
            .costPerThousandCalls,
            .tokensPerCall,
        ])
    func nothingMeasured(_ metric: MetricDefinition) {
        let result = Self.judge(metric, .atMost(1), [])
        #expect(result.verdict == .error && result.value == nil && result.detail == "no samples")
    }

    @Test("looks share the error rate, so that more looks ask for more")
    func looks() {
        let samples = Self.measured(100, hits: 87)
        let one = Self.judge(.accuracy, .atLeast(0.8), samples)
        let ten = Self.judge(.accuracy, .atLeast(0.8), samples, looks: 10)
        #expect(abs(one.alpha - 0.05) < 1e-12 && abs(ten.alpha - 0.005) < 1e-12)
        #expect(ten.lower ?? 1 < one.lower ?? 0)
        #expect(one.verdict == .passed && ten.verdict == .inconclusive)
    }

    @Test(
        "the number of examples that is asked for would settle it, and is more than there are",
        arguments: [
            (20, 17), (50, 42), (100, 83), (100, 77), (16, 15), (9, 7),
        ])
    func countNeeded(_ count: Int, _ hits: Int) throws {
        let result = Self.judge(.accuracy, .atLeast(0.8), Self.measured(count, hits: hits))
        #expect(result.verdict == .inconclusive)
        let needed = try #require(result.countNeeded)
        #expect(needed > count)
        let scaled = Int((Double(hits) / Double(count) * Double(needed)).rounded())
        #expect(Self.judge(.accuracy, .atLeast(0.8), Self.measured(needed, hits: scaled)).verdict != .inconclusive)
    }

    @Test("a rate that stands on the bound is never settled")
    func neverSettled() {
        #expect(CriterionEvaluator.countNeeded(rate: 0.8, bound: .atLeast(0.8), alpha: 0.05) == nil)
    }

    @Test("F1 is judged by its mean")
    func tokenF1() {
        #expect(
            Self.judge(.tokenF1, .atLeast(0.5), Self.measured(200, hits: 200, metric: .tokenF1, score: 0.9)).verdict
                == .passed)
        #expect(
            Self.judge(.tokenF1, .atLeast(0.8), Self.measured(200, hits: 200, metric: .tokenF1, score: 0.2)).verdict
                == .failed)
        let one = Self.judge(.tokenF1, .atLeast(0.5), Self.measured(1, hits: 1, metric: .tokenF1))
        #expect(one.verdict == .inconclusive && one.countNeeded == nil)
    }

    @Test("a mean's bounds are those of betting in an order that the scores have no part in, and that stays the same")
    func meanInOrder() {
        let scores: [Double] = (0..<60).map { $0 < 40 ? 0.9 : 0 }
        let result = Self.judge(.tokenF1, .atLeast(0.5), Self.measured(60, hits: 40, metric: .tokenF1, score: 0.9))
        var random = SplitMix64(seed: 7)
        let bounds = Bounds.betting(scores.shuffled(using: &random), alpha: result.alpha)
        #expect(result.lower == bounds.lower && result.upper == bounds.upper)
    }

    @Test("consistency counts the examples whose answers all agree")
    func consistency() {
        let metric = MetricDefinition.consistency(repeats: 2, examples: nil)
        func repeats(disagreeing: Int) -> [CriterionEvaluator.Measured] {
            (0..<60).flatMap { [Self.sample($0), Self.sample($0, repeat: 1, output: $0 < disagreeing ? "y" : "x")] }
        }
        #expect(Self.judge(metric, .atLeast(0.9), repeats(disagreeing: 0)).verdict == .passed)
        #expect(Self.judge(metric, .atLeast(0.9), repeats(disagreeing: 30)).verdict == .failed)
        #expect(Self.judge(metric, .atLeast(0.9), repeats(disagreeing: 3)).verdict == .inconclusive)
        #expect(Self.judge(metric, .atLeast(0.9), repeats(disagreeing: 3)).value == 0.95)
        let alone = Self.judge(metric, .atLeast(0.9), Self.measured(60))
        #expect(alone.verdict == .error && alone.detail == "no repeats were made")
        let failed = (0..<60).flatMap { [Self.sample($0, output: nil), Self.sample($0, repeat: 1, output: nil)] }
        let unknown = Self.judge(metric, .atLeast(0.9), failed)
        #expect(unknown.verdict == .error && unknown.value == nil && unknown.detail == "no answer came")
    }

    @Test(
        "what is missing counts as wrong in the lower bound and as right in the upper one",
        arguments: [MetricDefinition.accuracy, .tokenF1, .validOutput])
    func missing(metric: MetricDefinition) {
        let answered = Self.measured(57, hits: 50, metric: metric)
        let missing = (57..<60).map { Self.sample($0, output: nil) }
        func filled(_ score: Double) -> CriterionResult {
            Self.judge(
                metric, .atLeast(0.5), answered + (57..<60).map { Self.sample($0, scores: [metric.name: score]) })
        }
        let judged = Self.judge(metric, .atLeast(0.5), answered + missing)
        #expect(judged.value == 50 / 57 && judged.count == 57)
        #expect(judged.lower == filled(0).lower && judged.upper == filled(1).upper)
        #expect(judged.detail == "3 without an answer: wrong in the lower bound, right in the upper")
    }

    @Test(
        "tokens and cost that no server said are unknown, and bounded only where they are few",
        arguments: [MetricDefinition.tokensPerCall, .costPerThousandCalls])
    func presumed(metric: MetricDefinition) {
        func judged(unknown: Int) -> CriterionResult {
            var samples = Self.measured(100)
            for index in samples.indices.prefix(unknown) { samples[index].sample.isUsagePresumed = true }
            return Self.judge(metric, .atMost(1000), samples)
        }
        #expect(judged(unknown: 0).verdict == .passed && judged(unknown: 0).detail == nil)
        #expect(judged(unknown: 5).verdict == .passed && judged(unknown: 5).detail?.contains("of 5 calls") == true)
        #expect((judged(unknown: 5).lower ?? 0) < (judged(unknown: 0).lower ?? 0))
        let unknown = judged(unknown: 6)
        #expect(unknown.verdict == .inconclusive && unknown.value == nil && unknown.lower == nil)
        #expect(unknown.detail?.contains("6 of 100 calls") == true)
    }

    @Test("repeats do not count twice in a rate")
    func repeatsAreNotExamples() {
        let samples = (0..<10).flatMap { example in
            (0..<5).map { Self.sample(example, repeat: $0, scores: ["accuracy": 1]) }
        }
        #expect(Self.judge(.accuracy, .atLeast(0.9), samples).count == 10)
    }

    @Test("latency is a percentile with bounds, and too few calls leave it open", arguments: LatencyPercentile.allCases)
    func latency(_ percentile: LatencyPercentile) {
        let metric = MetricDefinition.latency(percentile: percentile)
        #expect(Self.judge(metric, .atMost(0.01), Self.measured(400)).verdict == .passed)
        #expect(Self.judge(metric, .atMost(0.0005), Self.measured(400)).verdict == .failed)
        let few = Self.judge(metric, .atMost(0.01), Self.measured(3))
        #expect(few.verdict == .inconclusive && few.upper == nil)
        let failed = (0..<9).map { Self.sample($0, output: nil) }
        #expect(Self.judge(metric, .atMost(1), failed).verdict == .error)
    }

    @Test("tokens and cost are means, in tokens and in dollars for a thousand calls")
    func totals() {
        let samples = Self.measured(50, tokens: 10, cost: 2000)
        #expect(Self.judge(.tokensPerCall, .atMost(11), samples).verdict == .passed)
        #expect(Self.judge(.tokensPerCall, .atMost(9), samples).verdict == .failed)
        let cost = Self.judge(.costPerThousandCalls, .atMost(2.5), samples)
        #expect(cost.verdict == .passed && cost.value == 2)
        #expect(Self.judge(.costPerThousandCalls, .atMost(2.5), Self.measured(1)).verdict == .inconclusive)
    }
}

@Suite struct GateEvaluatorTests {
    @Test(
        "an error outweighs a failure, a failure outweighs an open question",
        arguments: [
            ([], .error), ([.passed, .passed], .passed), ([.passed, .inconclusive], .inconclusive),
            ([.inconclusive, .failed, .passed], .failed), ([.failed, .error, .passed], .error),
            ([.inconclusive, .error], .error),
        ] as [([Verdict], Verdict)])
    func verdict(_ verdicts: [Verdict], _ expected: Verdict) {
        let criteria = verdicts.map {
            CriterionResult(
                criterion: CriterionDefinition(metric: .accuracy, bound: .atLeast(0.5)), verdict: $0, value: nil,
                lower: nil,
                upper: nil, count: 0, alpha: 0.05)
        }
        #expect(GateEvaluator.verdict(of: criteria) == expected)
        #expect(GateEvaluator.verdict(of: criteria.reversed()) == expected)
    }
}

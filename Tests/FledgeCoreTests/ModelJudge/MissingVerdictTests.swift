import FledgeCore
import FledgeDocument
import Testing

@Suite("Answers that a judge's verdict is missing of")
struct MissingVerdictTests {
    private typealias Base = EvaluatedCriterionTests

    /// What became of a first answer.
    enum Kind: CaseIterable, Sendable {
        case unread, unanswered
    }

    /// The first of `count` answers pass, and the last are missing.
    private static func measured(
        _ passes: Int, of count: Int, missing: Int, _ kind: Kind = .unread
    ) -> [CriterionEvaluator.Measured] {
        var measured = Base.measured(passes, of: count)
        for index in (count - missing)..<count {
            switch kind {
            case .unread: measured[index].sample.scores = [Sample.unread("judged:helpful"): 1]
            case .unanswered:
                measured[index].sample.scores = [:]
                measured[index].sample.isUnanswered = true
            }
        }
        return measured
    }

    private static func result(
        _ measured: [CriterionEvaluator.Measured], _ bound: Bound, labels: ConfusionMatrix?
    ) -> CriterionResult {
        let standing = labels.map {
            JudgeStanding.calibrated([
                "judged:helpful": JudgeCalibration(useCase: "triage", judge: Base.judge, matrix: $0)
            ])
        }
        return CriterionEvaluator(measured: measured, looks: 1, judges: standing ?? .advice)
            .judge(CriterionDefinition(metric: .judged(Base.judge), bound: bound))
    }

    struct Case: Sendable {
        var passes: Int
        var count: Int
        var missing: Int
        var bound: Bound
        var labels: ConfusionMatrix?
    }

    /// Drawn, with and without labels.
    static let cases: [Case] = (0..<120).map { number in
        var random = SplitMix64(seed: UInt64(number))
        let count = Int.random(in: 5...160, using: &random)
        let missing = Int.random(in: 1...min(4, count - 1), using: &random)
        let bar = Double.random(in: 0.2...0.95, using: &random)
        var labels: ConfusionMatrix?
        if !number.isMultiple(of: 3) {
            let (passes, fails) = (Int.random(in: 15...90, using: &random), Int.random(in: 35...90, using: &random))
            let (wrong, false_) = (passes / Int.random(in: 4...12, using: &random), fails / 7)
            labels = ConfusionMatrix(
                truePasses: passes - wrong, falseFails: wrong, falsePasses: false_, trueFails: fails - false_)
        }
        return Case(
            passes: Int.random(in: 0...(count - missing), using: &random), count: count, missing: missing,
            bound: number.isMultiple(of: 2) ? .atLeast(bar) : .atMost(bar), labels: labels)
    }

    @Test("the bounds hold those of every filling, and the verdict is that of every filling", arguments: cases)
    func fillings(one: Case) throws {
        let bounded = Self.result(
            Self.measured(one.passes, of: one.count, missing: one.missing), one.bound, labels: one.labels)
        let (lower, upper) = (try #require(bounded.lower), try #require(bounded.upper))
        #expect(bounded.count == one.count - one.missing)
        #expect(bounded.detail?.contains("\(one.missing) without a verdict") == true)
        // Scores of 0, ½ and 1: the place of a filling does not matter, its passes do.
        for passes in 0...one.missing {
            for halves in [0, one.missing - passes] {
                let filled = Self.result(
                    Base.measured(one.passes + passes, of: one.count, halves: halves), one.bound, labels: one.labels)
                let (low, high) = (try #require(filled.lower), try #require(filled.upper))
                #expect(lower <= low + 1e-12 && high <= upper + 1e-12)
                if bounded.verdict != .inconclusive { #expect(filled.verdict == bounded.verdict) }
            }
        }
    }

    @Test(
        "one that cannot be read, and an answer that never came, count neither for nor against",
        arguments: Kind.allCases)
    func neither(kind: Kind) {
        let labels = ConfusionMatrix(truePasses: 95, falseFails: 5, falsePasses: 10, trueFails: 90)
        for labels in [nil, labels] {
            let known = Self.result(Base.measured(36, of: 39), .atLeast(0.5), labels: labels)
            let result = Self.result(Self.measured(36, of: 40, missing: 1, kind), .atLeast(0.5), labels: labels)
            #expect(result.value == known.value && result.count == 39 && result.judged?.raw == known.judged?.raw)
            // Whichever way it is filled, 36 or 37 of 40.
            let fillings = [36, 37].map { Self.result(Base.measured($0, of: 40), .atLeast(0.5), labels: labels) }
            #expect(result.lower == fillings[0].lower && result.upper == fillings[1].upper)
        }
    }

    @Test("one that was not judged yet is an error still, and so is having no verdict at all")
    func open() {
        var measured = Self.measured(10, of: 40, missing: 2)
        measured[0].sample.scores = [:]
        let result = Self.result(measured, .atLeast(0.5), labels: nil)
        #expect(result.verdict == .error && result.detail == "1 of 40 answers have not been judged")
        #expect(Self.result(Self.measured(0, of: 2, missing: 2), .atLeast(0.5), labels: nil).verdict == .error)
    }

    @Test("where a judge ranks, it is taken against the candidate in a comparison, and is no part of a slice's")
    func ranking() throws {
        let judged = MetricDefinition.judged(Base.judge)
        func pairs(unread: Int) -> [ComparisonEvaluator.Pair] {
            let mine = Self.measured(40, of: 40, missing: unread).map(\.sample)
            return zip(mine, Base.measured(20, of: 40)).map {
                ComparisonEvaluator.Pair(challenger: $0, champion: $1.sample, group: $1.group)
            }
        }
        func result(unread: Int) -> ComparisonResult? {
            try? ComparisonEvaluator(pairs: pairs(unread: unread), share: 1, primary: judged)
                .judge([ComparisonDefinition(kind: .better, margin: 0)]).first
        }
        let (all, some) = (try #require(result(unread: 0)), try #require(result(unread: 3)))
        #expect(all.count == 40 && some.count == 37 && some.detail?.contains("3 pairs") == true)
        let (lower, less) = (try #require(all.lower), try #require(some.lower))
        #expect(less < lower)
    }
}

import FledgeCore
import Foundation
import Testing

/// Figures such as trainer and server give: an adapter that is sure of most tokens, and a base that is not.
@Suite("Log-probabilities in the golden check")
struct GoldenLikelihoodTests {
    private let job = TrainingJobID(7)

    /// Log-probabilities of the tuned model and of the base, for an answer of the adapter.
    private static let tuned = [-0.02, -0.3, -0.01, -1.6, -0.05, -0.002]
    private static let base = [-3.0, -4.5, -0.8, -2.2, -6.0, -3.5]
    /// Those of the base for an answer of its own.
    private static let own = [-0.4, -1.2, -0.7, -0.1, -2.0]

    /// What a rounding of that size makes of log-probabilities: in proportion to what is left to other tokens.
    private static func rounded(_ given: [Double], _ size: Double, _ place: Int) -> [Double] {
        given.enumerated().map { token, value in
            value + (1 - exp(value)) * size * ((token + place) % 2 == 0 ? 1.2 : -0.8)
        }
    }

    /// - Parameters:
    ///   - noise: what serving costs the base.
    ///   - served: what the server makes of the adapter's answer of that place.
    private func likelihood(
        _ answers: Int = 12, baseAnswers: Int = 12, noise: Double = 0.05, tooLong: Int = 0,
        _ served: (Int) -> [Double] = { Self.rounded(Self.tuned, 0.05, $0) }
    ) -> GoldenLikelihood {
        GoldenLikelihood(
            tuned: (0..<answers).map { AnswerLikelihood(trained: Self.tuned, served: served($0), base: Self.base) },
            base: (0..<baseAnswers).map {
                AnswerLikelihood(trained: Self.own, served: Self.rounded(Self.own, noise, $0))
            },
            tooLong: tooLong)
    }

    private func check(_ likelihood: GoldenLikelihood?) -> GoldenCheck {
        let answers = (0..<12).map {
            GoldenAnswers(prompt: "p\($0)", trained: "b", served: "b", servedBase: "a", trainedBase: "a")
        }
        return GoldenCheck(answers, likelihood: likelihood)
    }

    private func code(_ likelihood: GoldenLikelihood) -> String? {
        check(likelihood).problem(of: job)?.code.rawValue
    }

    /// Between two lists of log-probabilities.
    private static func between(_ these: [Double], _ those: [Double], _ share: Double) -> [Double] {
        zip(these, those).map { $0 + share * ($1 - $0) }
    }

    @Test("the right adapter passes whatever serving costs the base", arguments: [0, 0.001, 0.05, 0.1, 0.5, 1.2])
    func right(noise: Double) throws {
        let likelihood = likelihood(noise: noise) { Self.rounded(Self.tuned, noise * 1.3 + 0.05, $0) }
        let figures = try #require(likelihood.figures)
        #expect(code(likelihood) == nil, "\(figures)")
        #expect(figures.isTelling && figures.difference < figures.bar)
        #expect(figures.answers == 12 && figures.tokens == 72 && figures.baseTokens == 60)
    }

    @Test("texts that agree do not hide an adapter that is served otherwise")
    func wrong() throws {
        // Half of it: each token falls back a little towards the base.
        let half = likelihood { _ in Self.between(Self.tuned, Self.base, 0.1) }
        let problem = try #require(check(half).problem(of: job))
        #expect(problem.code == "adapter.golden_mismatch")
        let figures = try #require(half.figures)
        for part in [figures.served, figures.trained, figures.difference, figures.bar, figures.baseDifference] {
            #expect(problem.message.contains(LikelihoodFigures.text(part)), "\(part) is not in \(problem.message)")
        }
        #expect(problem.message.contains("72 tokens") && problem.message.contains("not all of it"))
        #expect(problem.hint?.contains("without training") == true)
        // Another training of the same examples: as likely on average, and otherwise token by token.
        let turned = Self.tuned.enumerated().map { $0.offset % 2 == 0 ? $0.element - 0.3 : min($0.element + 0.3, 0) }
        #expect(code(likelihood { _ in turned }) == "adapter.golden_mismatch")
        #expect(code(likelihood { _ in Self.tuned.map { $0 - 5 } }) == "adapter.golden_mismatch")
        #expect(code(likelihood { _ in Self.tuned.map { _ in -9999 } }) == "adapter.golden_mismatch")
    }

    @Test("figures that are nearer to the base's are an adapter that is not in effect", arguments: [0.5, 0.8, 1])
    func absent(share: Double) throws {
        let likelihood = likelihood { _ in Self.between(Self.tuned, Self.base, share) }
        let problem = try #require(check(likelihood).problem(of: job))
        #expect(problem.code == "adapter.no_effect" && problem.message.contains("nearer"))
        #expect(problem.message.contains(LikelihoodFigures.text(try #require(likelihood.figures).base)))
    }

    @Test("figures that are nearer to the base's are refused also within a bar that a coarse base has made wide")
    func nearer() throws {
        func likelihood(_ served: Double) -> GoldenLikelihood {
            GoldenLikelihood(
                tuned: (0..<12).map { _ in
                    AnswerLikelihood(
                        trained: Self.tuned, served: Self.tuned.map { $0 - served }, base: Self.tuned.map { $0 - 0.5 })
                },
                base: (0..<12).map { AnswerLikelihood(trained: Self.own, served: Self.rounded(Self.own, 1, $0)) },
                tooLong: 0)
        }
        let figures = try #require(likelihood(0.3).figures)
        #expect(figures.difference < figures.bar && figures.isTelling, "\(figures)")
        #expect(code(likelihood(0.3)) == "adapter.no_effect" && code(likelihood(0.2)) == nil)
    }

    @Test("a stale adapter is refused though its figures are nearer to the tuned model's than to the base's")
    func stale() throws {
        let likelihood = likelihood { _ in Self.between(Self.tuned, Self.base, 0.3) }
        let figures = try #require(likelihood.figures)
        #expect(figures.difference < figures.differenceFromBase && code(likelihood) == "adapter.golden_mismatch")
    }

    @Test("a server whose base is another model is said to have one, and gives the adapter no room")
    func otherBase() throws {
        let likelihood = likelihood(noise: 6) { Self.rounded(Self.tuned, 6, $0) }
        let problem = try #require(check(likelihood).problem(of: job))
        #expect(problem.code == "adapter.golden_mismatch" && problem.message.contains("even without an adapter"))
    }

    @Test("an adapter that changed too little to be told from the base is not refused for being near it")
    func little() throws {
        let near = Self.tuned.map { $0 - 0.004 }
        let likelihood = GoldenLikelihood(
            tuned: (0..<12).map {
                AnswerLikelihood(trained: Self.tuned, served: Self.rounded(near, 0.05, $0), base: near)
            },
            base: (0..<12).map { AnswerLikelihood(trained: Self.own, served: Self.rounded(Self.own, 0.05, $0)) },
            tooLong: 0)
        let figures = try #require(likelihood.figures)
        #expect(!figures.isTelling && code(likelihood) == nil, "\(figures)")
    }

    @Test("the bar is twice the base's rate on what the adapter leaves to others, within its bounds")
    func bar() throws {
        let figures = try #require(likelihood(noise: 0.2).figures)
        let doubt = Self.tuned.reduce(0) { $0 + 1 - exp($1) } / Double(Self.tuned.count)
        #expect(abs(figures.bar - 2 * figures.baseRate * doubt) < 1e-12)
        // Every token differs by 1.2 or 0.8 of the noise: the rate is about it, and not below what was measured.
        let measured = figures.baseDifference / (Self.own.reduce(0) { $0 + 1 - exp($1) } / Double(Self.own.count))
        #expect(figures.baseRate >= measured && figures.baseRate < 0.24)
        #expect(abs(try #require(likelihood(noise: 0).figures).bar - 0.2 * doubt) < 1e-12)
        #expect(abs(try #require(likelihood(noise: 50).figures).bar - 2 * doubt) < 1e-12)
        // An adapter that is sure of everything is not held to less than what shows.
        let sure = GoldenLikelihood(
            tuned: (0..<12).map { _ in AnswerLikelihood(trained: [-1e-6], served: [-0.008], base: [-2]) },
            base: (0..<12).map { AnswerLikelihood(trained: Self.own, served: Self.rounded(Self.own, 0.05, $0)) },
            tooLong: 0)
        #expect(sure.figures?.bar == 0.01 && code(sure) == nil)
    }

    @Test("few answers of the base say less, so that more is allowed")
    func spread() throws {
        func rate(_ answers: Int) throws -> Double {
            let base = (0..<answers).map {
                AnswerLikelihood(trained: Self.own, served: Self.rounded(Self.own, $0 % 2 == 0 ? 0.05 : 0.4, 0))
            }
            let tuned = (0..<12).map { _ in AnswerLikelihood(trained: Self.tuned, served: Self.tuned, base: Self.base) }
            return try #require(GoldenLikelihood(tuned: tuned, base: base, tooLong: 0).figures).baseRate
        }
        #expect(try rate(4) > rate(8) && rate(8) > rate(32))
    }

    @Test(
        "too few answers are unknown, not a pass",
        arguments: [(3, 12, 0, "3 of the adapter"), (12, 3, 0, "3 of the base"), (0, 0, 9, "9 answers are too long")])
    func few(answers: Int, baseAnswers: Int, tooLong: Int, why: String) {
        let likelihood = likelihood(answers, baseAnswers: baseAnswers, tooLong: tooLong)
        #expect(likelihood.figures == nil && likelihood.unknown?.contains(why) == true, "\(likelihood)")
        #expect(code(likelihood) == nil)
    }

    @Test("answers whose parts do not fit together are passed over")
    func odd() throws {
        let odd = [
            AnswerLikelihood(trained: [], served: [], base: []),
            AnswerLikelihood(trained: [-1], served: [-1, -2], base: [-1]),
            AnswerLikelihood(trained: [-1], served: [-1], base: [-1, -2]),
            AnswerLikelihood(trained: [.nan], served: [-1], base: [-1]),
            AnswerLikelihood(trained: [-1], served: [-.infinity], base: [-1]),
            AnswerLikelihood(trained: [-1], served: [-1]),
        ]
        let right = (0..<5).map { _ in AnswerLikelihood(trained: Self.tuned, served: Self.tuned, base: Self.base) }
        let base = (0..<5).map { AnswerLikelihood(trained: Self.own, served: Self.rounded(Self.own, 0.05, $0)) }
        #expect(GoldenLikelihood(tuned: odd + right, base: odd.prefix(5) + base, tooLong: 0).figures?.answers == 5)
        #expect(GoldenLikelihood(tuned: odd, base: base, tooLong: 0).unknown != nil)
        // A base that is sure of everything leaves no room to measure anything in.
        let sure = (0..<5).map { _ in AnswerLikelihood(trained: [0], served: [0]) }
        #expect(GoldenLikelihood(tuned: right, base: sure, tooLong: 0).unknown != nil)
    }

    @Test("a check keeps its figures, or why there are none, and one of an earlier version has neither")
    func kept() throws {
        for likelihood in [likelihood(tooLong: 2), GoldenLikelihood(unknown: "why")] {
            let check = check(likelihood)
            let read = try JSONDecoder().decode(GoldenCheck.self, from: JSONEncoder().encode(check))
            #expect(read == check && read.likelihood == likelihood)
        }
        let text = #"{"prompts": 30, "agreeing": 30, "differingFromBase": 20, "bar": 0.9}"#
        #expect(try JSONDecoder().decode(GoldenCheck.self, from: Data(text.utf8)).likelihood == nil)
    }

    @Test("a text that differs is said before log-probabilities are, and a disturbed base after them")
    func order() {
        let wrong = likelihood { _ in Self.tuned.map { $0 - 5 } }
        let other = (0..<12).map {
            GoldenAnswers(prompt: "p\($0)", trained: "b", served: "c", servedBase: "a", trainedBase: "a")
        }
        #expect(GoldenCheck(other, likelihood: wrong).problem(of: job)?.message.contains("agree on 0 of 12") == true)
        var disturbed = check(wrong)
        disturbed.mixed = MixedLoad(calls: 16, agreeing: 0)
        #expect(disturbed.problem(of: job)?.code == "adapter.golden_mismatch")
        disturbed.likelihood = likelihood()
        #expect(disturbed.problem(of: job)?.code == "adapter.base_disturbed")
    }
}

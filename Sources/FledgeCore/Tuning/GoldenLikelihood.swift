import Foundation

/// What a server makes of the trainer's answers, token by token.
package struct GoldenLikelihood: Codable, Hashable, Sendable {
    /// Why nothing was compared; nil where it was.
    package var unknown: String?
    package var figures: LikelihoodFigures?

    package init(unknown: String) { self.unknown = unknown }
    package init(figures: LikelihoodFigures) { self.figures = figures }
}

/// The log-probabilities of one answer's tokens, as trainer and server have them.
package struct AnswerLikelihood: Hashable, Sendable {
    /// By the model whose answer it is, in the trainer.
    package var trained: [Double]
    /// By the same model, at the server.
    package var served: [Double]
    /// By the base, in the trainer; nil of the base's own answer.
    package var base: [Double]?

    package init(trained: [Double], served: [Double], base: [Double]? = nil) {
        self.trained = trained
        self.served = served
        self.base = base
    }
}

/// How the log-probabilities that a server gives the trainer's answers compare with the trainer's own.
///
/// In nats, for one token: averages over all tokens that were compared. Differences are taken token by token, without sign.
package struct LikelihoodFigures: Codable, Hashable, Sendable {
    /// The tuned model's answers that were compared, and their tokens.
    package var answers: Int
    package var tokens: Int
    /// What the tuned model gives them in the trainer, what the served adapter does, and what the base does in the trainer.
    package var trained: Double
    package var served: Double
    package var base: Double
    /// Between the served adapter and the tuned model, on the tuned model's answers.
    package var difference: Double
    /// Between the served adapter and the trainer's base, on the same answers.
    package var differenceFromBase: Double
    /// Between the tuned model and the base, both in the trainer: what training has changed.
    package var change: Double
    /// The base's answers that both programs scored, their tokens, and the difference between the programs: what serving costs.
    package var baseAnswers: Int
    package var baseTokens: Int
    package var baseDifference: Double
    /// ``baseDifference`` for each unit of probability that the base leaves to other tokens, as high as it may be by chance.
    package var baseRate: Double
    /// What `difference` may be.
    package var bar: Double
    /// Answers that were left out: with their prompts they have more tokens than a server is asked to score.
    package var tooLong: Int

    package init(
        answers: Int, tokens: Int, trained: Double, served: Double, base: Double, difference: Double,
        differenceFromBase: Double, change: Double, baseAnswers: Int, baseTokens: Int, baseDifference: Double,
        baseRate: Double, bar: Double, tooLong: Int
    ) {
        self.answers = answers
        self.tokens = tokens
        self.trained = trained
        self.served = served
        self.base = base
        self.difference = difference
        self.differenceFromBase = differenceFromBase
        self.change = change
        self.baseAnswers = baseAnswers
        self.baseTokens = baseTokens
        self.baseDifference = baseDifference
        self.baseRate = baseRate
        self.bar = bar
        self.tooLong = tooLong
    }
}

extension GoldenLikelihood {
    /// - Parameters:
    ///   - tuned: of the tuned model's answers; those whose parts are not of one length are passed over.
    ///   - base: of the base's.
    ///   - tooLong: how many answers were not scored for their length.
    package init(tuned: [AnswerLikelihood], base: [AnswerLikelihood], tooLong: Int) {
        let answers = tuned.filter { $0.isWhole && $0.base?.count == $0.trained.count }
        let plain = base.filter(\.isWhole)
        let rate = LikelihoodBar.rate(of: plain.map { (Self.distance($0.served, $0.trained), Self.doubt($0.trained)) })
        guard answers.count >= LikelihoodBar.leastAnswers, let rate else {
            self.init(
                unknown: tooLong > 0
                    ? "\(tooLong) answers are too long for a server to score, and too few are left"
                    : "too few answers were scored by both (\(answers.count) of the adapter, \(plain.count) of the base)"
            )
            return
        }
        let tokens = answers.reduce(0) { $0 + $1.trained.count }
        let baseTokens = plain.reduce(0) { $0 + $1.trained.count }
        func mean(_ value: (AnswerLikelihood) -> Double) -> Double {
            answers.reduce(0) { $0 + value($1) } / Double(tokens)
        }
        self.init(
            figures: LikelihoodFigures(
                answers: answers.count, tokens: tokens, trained: mean { $0.trained.reduce(0, +) },
                served: mean { $0.served.reduce(0, +) }, base: mean { ($0.base ?? []).reduce(0, +) },
                difference: mean { Self.distance($0.served, $0.trained) },
                differenceFromBase: mean { Self.distance($0.served, $0.base ?? []) },
                change: mean { Self.distance($0.trained, $0.base ?? []) }, baseAnswers: plain.count,
                baseTokens: baseTokens,
                baseDifference: plain.reduce(0) { $0 + Self.distance($1.served, $1.trained) } / Double(baseTokens),
                baseRate: rate, bar: LikelihoodBar.bar(rate: rate, doubt: mean { Self.doubt($0.trained) }),
                tooLong: tooLong))
    }

    private static func distance(_ these: [Double], _ those: [Double]) -> Double {
        zip(these, those).reduce(0) { $0 + abs($1.0 - $1.1) }
    }

    /// The probability that was left to other tokens, summed.
    private static func doubt(_ given: [Double]) -> Double { given.reduce(0) { $0 + 1 - exp(min($1, 0)) } }
}

extension AnswerLikelihood {
    fileprivate var isWhole: Bool {
        !trained.isEmpty && trained.count == served.count && (trained + served + (base ?? [])).allSatisfy(\.isFinite)
    }
}

extension LikelihoodFigures {
    /// Whether training has changed more than what the bar lets pass: only then can be told whose figures the served ones are.
    package var isTelling: Bool { change > bar }

    private var isNearerToBase: Bool { isTelling && differenceFromBase <= difference }

    /// Whether the served figures are the base's, and not those of some other adapter: those are far from both.
    private var isBase: Bool { isNearerToBase && differenceFromBase <= change / 2 }

    /// What keeps the adapter from the gate; nil where nothing does.
    ///
    /// - Parameter job: whose figures `fledge jobs golden` shows.
    func problem(of job: TrainingJobID) -> FledgeError? {
        guard isNearerToBase || difference > bar else { return nil }
        let figures =
            "a token of the trainer's answers gets \(Self.text(served)) from the server and \(Self.text(trained)) from the "
            + "trainer (log-probabilities, \(tokens) tokens), \(Self.text(difference)) apart; at most \(Self.text(bar)) is "
            + "asked for, and the base model's are \(Self.text(baseDifference)) apart"
        let hint = "fledge retry compares again, without training"
        if isBase {
            return FledgeError(
                GoldenCheck.noEffect,
                "\(figures). The base gives them \(Self.text(base)), which is nearer to what is served: the adapter is not in "
                    + "effect, or little of it (fledge jobs golden \(job))",
                hint: hint, exitCode: .badData)
        }
        return FledgeError(
            GoldenCheck.mismatch,
            "\(figures) (fledge jobs golden \(job)). "
                + (baseRate > LikelihoodBar.mostRate
                    ? "The server computes otherwise even without an adapter: it has other weights or coarser quantisation "
                        + "than the trainer's base"
                    : "The adapter that is served is not the one that was trained, or not all of it"),
            hint: hint, exitCode: .badData)
    }

    /// Three places, and as many digits as show that it is not zero.
    package static func text(_ value: Double) -> String {
        let scale = abs(value) < 0.01 ? 100_000.0 : 1000.0
        return "\((value * scale).rounded() / scale)"
    }
}

import FledgeCore
import Foundation
import Testing

@testable import FledgeCLI

@Suite("Golden checks as text")
struct GoldenTextTests {
    private static let figures = LikelihoodFigures(
        answers: 24, tokens: 565, trained: -0.1907, served: -0.31444, base: -3.7176, difference: 0.13159,
        differenceFromBase: 3.4033, change: 3.5269, baseAnswers: 24, baseTokens: 705, baseDifference: 0.00262,
        baseRate: 0.056, bar: 0.0248, tooLong: 0)

    private func text(_ likelihood: GoldenLikelihood?) -> String {
        GoldenText.render(
            GoldenCheck(
                prompts: 24, agreeing: 24, differingFromBase: 24, bar: 0.8, likelihood: likelihood, differences: []))
    }

    @Test("log-probabilities are shown with their bar and where they come from")
    func shown() {
        let text = text(GoldenLikelihood(figures: Self.figures))
        for part in [
            "tokens   0.132 apart in log-probability, on 565 tokens of the trainer's answers; at most 0.025 is asked for",
            "they get -0.191 from the trainer, -0.314 from the server and -3.718 from the base",
            "base: 0.00262 apart on 705 tokens of its own answers",
        ] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(!text.contains("too long") && !text.contains("too little"))
    }

    @Test("what was left out, and what can't be told, is said")
    func limits() {
        var figures = Self.figures
        figures.tooLong = 3
        figures.change = 0.02
        let text = text(GoldenLikelihood(figures: figures))
        #expect(text.contains("3 answers are too long") && text.contains("changed them by 0.02: too little"))
    }

    @Test("where nothing was compared, the reason stands in its place, and a check of an earlier version says nothing")
    func unknown() {
        let text = text(GoldenLikelihood(unknown: "only vLLM scores answers that it is given"))
        #expect(text.contains("tokens   not compared: only vLLM scores answers that it is given"))
        #expect(!self.text(nil).contains("tokens"))
    }

    @Test("as JSON it has the figures, or the reason")
    func json() throws {
        func json(_ likelihood: GoldenLikelihood) throws -> String {
            let check = GoldenCheck(prompts: 1, agreeing: 1, differingFromBase: 1, bar: 1, likelihood: likelihood)
            return String(decoding: try JSONEncoder().encode(check), as: UTF8.self)
        }
        let told = try json(GoldenLikelihood(figures: Self.figures))
        #expect(told.contains(#""bar":0.0248"#) && told.contains(#""baseRate":0.056"#) && !told.contains("unknown"))
        #expect(try json(GoldenLikelihood(unknown: "why")).contains(#""likelihood":{"unknown":"why"}"#))
    }
}

import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import Logging
import Testing

/// A model of 135 million parameters is a bad judge: what protects a promotion from it is tested on the real one.
@Suite("A small model as a judge")
struct LocalJudgeTests {
    private static let judge = JudgeDefinition(
        name: "right", model: "smollm2-135m-instruct",
        rubric: "The answer names the capital of the country, and no other city.", labels: 20)

    private static let capitals = [
        ("France", "Paris"), ("Italy", "Rome"), ("Spain", "Madrid"), ("Germany", "Berlin"), ("Austria", "Vienna"),
        ("Poland", "Warsaw"), ("Greece", "Athens"), ("Norway", "Oslo"), ("Japan", "Tokyo"), ("Egypt", "Cairo"),
    ]

    /// Every country with its own capital, and with the next one's.
    private static let items: [(item: JudgedItem, isRight: Bool)] = capitals.indices.flatMap { index in
        let (country, city) = capitals[index]
        let other = capitals[(index + 1) % capitals.count].1
        return [(city, true), (other, false)].map { answer, isRight in
            (
                JudgedItem(
                    inputs: ["question": "What is the capital of \(country)?"], answer: answer, expected: city), isRight
            )
        }
    }

    @Test(
        "replies fit the schema; the labels show what it is worth, and no gate passes by its word",
        .timeLimit(.minutes(15)))
    func calibration() async throws {
        let server = LocalModelServer(model: Self.judge.model, http: CurlClient(), logger: Logger(label: "test"))
        var matrix = ConfusionMatrix()
        var readable = 0
        do {
            for (item, isRight) in Self.items {
                // A wrong answer is no trick: it is the judge that has to see it.
                try #require(JudgeGuard.finding(in: item) == nil)
                let prompt = JudgePrompt(Self.judge, item: item, order: .answerFirst)
                let completion = try await server.complete(
                    CompletionRequest(
                        model: Self.judge.model, adapter: nil, messages: prompt.messages, decoding: prompt.decoding,
                        choices: nil))
                let reply = JudgeReply(completion.text, judge: Self.judge)
                if reply == nil { continue }
                readable += 1
                matrix.add(person: isRight, judge: JudgeRating([(.answerFirst, reply)]).isPassed)
            }
        } catch {
            await server.shutdown()
            throw error
        }
        await server.shutdown()
        // The schema is enforced by the server; what can miss is an end that came too late.
        #expect(readable >= Self.items.count - 2)
        let calibration = JudgeCalibration(useCase: "capitals", judge: Self.judge, matrix: matrix)
        #expect(matrix.count == readable && calibration.gap == .noBetterThanChance, "\(matrix)")
        let criterion = CriterionDefinition(metric: .judged(Self.judge), bound: .atLeast(0.1))
        let result = EvaluatedCriterion.judge(
            criterion, answers: Array(repeating: .scored(1), count: 500), calibration: calibration, alpha: 0.05)
        #expect(result.verdict == .inconclusive && result.detail?.contains("do not show") == true)
    }
}

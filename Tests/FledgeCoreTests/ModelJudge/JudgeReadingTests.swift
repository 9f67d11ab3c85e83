import FledgeCore
import FledgeDocument
import Testing

@Suite("How a judge's replies are read")
struct JudgeReadingTests {
    static let judge = JudgeDefinition(name: "helpful", model: "judge", rubric: "Names the city.")

    @Test(
        "one JSON object is a reply, however it is wrapped",
        arguments: [
            #" {"reason":"Names it.","verdict":"pass"} "#, "```json\n{\"reason\": \"r\", \"verdict\": \"pass\"}\n```",
            "```\n{\"verdict\": \"pass\"}\n```", #"{"Verdict":"PASS","Reason":"r"}"#,
            #"{"reason":"","verdict":"Pass."}"#,
            #"{"reason":"","verdict":"pass","score":1,"notes":["a"]}"#, #"{"verdict":"pass"}"#,
            #"Here is my verdict: {"reason":"r","verdict":"pass"} I hope that helps."#,
        ])
    func reads(reply: String) {
        #expect(JudgeReply(reply, judge: Self.judge)?.verdict == .pass)
    }

    static let unread: [(String, JudgeReply.Problem)] = [
        ("", .empty), (" \n", .empty), ("pass", .noObject), (#"["pass"]"#, .noObject),
        (#"{"reason":"","verdict":"pa"#, .unclearObject), (#"{"verdict":"pass"} {"verdict":"fail"}"#, .unclearObject),
        (#"{"reason":"r"}"#, .noVerdict), (#"{"verdict":true}"#, .noVerdict),
        (#"{"verdict":"pass","Verdict":"fail"}"#, .noVerdict), (#"{"verdict":"pass","verdict":"fail"}"#, .noVerdict),
        (#"{"verdict":"first"}"#, .otherVerdict), (#"{"verdict":"pass or fail"}"#, .otherVerdict),
    ]

    @Test("what is ambiguous is not guessed at, and its cause is known", arguments: unread)
    func refuses(reply: String, problem: JudgeReply.Problem) {
        guard case .failure(let found) = JudgeReply.read(reply, judge: Self.judge) else {
            Issue.record("\(reply) was read")
            return
        }
        #expect(found == problem)
    }

    @Test(
        "a judge whose replies cannot be read stops the work, with the share and the cause",
        arguments: [
            (20, 0, false), (20, 1, false), (40, 2, false), (39, 2, true), (20, 20, true), (2, 2, true), (1, 1, false),
        ])
    func refusal(asked: Int, unreadable: Int, stops: Bool) {
        let verdicts = (0..<asked).map {
            JudgeRating(score: $0 < unreadable ? nil : 1, ground: $0 < unreadable ? .unreadable : .judged)
        }
        let guarded = JudgeRating(score: 0, ground: .guarded, finding: .empty)
        let readings = JudgeReadings(judge: Self.judge, verdicts: verdicts + [guarded])
        #expect(readings.asked == asked && readings.unreadable == unreadable)
        #expect((readings.sentence == nil) == (unreadable == 0))
        let refusal = readings.refusal(of: Self.judge, problems: Array(repeating: .noObject, count: unreadable))
        #expect((refusal?.code == "judge.unreadable") == stops)
        #expect(refusal?.message.contains("\(unreadable) of \(asked)") ?? !stops)
        #expect(refusal?.message.contains("could not be read: they hold no JSON object") ?? !stops)
    }

    @Test("of several causes the most frequent one is named, with the number of replies that it is of")
    func cause() {
        let readings = JudgeReadings(judge: "judged:helpful", asked: 3, unreadable: 3)
        let refusal = readings.refusal(of: Self.judge, problems: [.noObject, .empty, .noObject])
        #expect(refusal?.message.contains("could not be read: 2 of them hold no JSON object") == true)
    }
}

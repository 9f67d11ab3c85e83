import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeTraining

@Suite("What a trainer says at its end")
struct TrainerEventsTests {
    private func scores(_ fields: String) async throws -> GoldenScores? {
        try await TemporaryDirectory.with { directory in
            let file = URL(filePath: directory).appending(path: "events.jsonl")
            let line =
                #"{"event": "done", "adapterDirectory": "a", "goldenAnswers": ["x"], "baseAnswers": ["y"], "steps": 3"#
                + fields + "}\n"
            try Data(line.utf8).write(to: file)
            guard case .done("a", ["x"], ["y"], 3, _, let scores)? = TrainerEvents.ending(of: file) else {
                Issue.record("the end was not read")
                return nil
            }
            return scores
        }
    }

    private let tuned = #"{"prompt": [1, 2], "answer": [3, 4], "tuned": [-0.1, -0.25], "base": [-3, -4.5]}"#
    private let base = #"{"answer": [5], "base": [-0.5]}"#

    @Test("the tokens of its answers and what its models give them; one that could not be scored is none")
    func told() async throws {
        let scores = try await scores(#", "goldenScores": [\#(tuned), null], "baseScores": [\#(base), null]"#)
        #expect(
            scores
                == GoldenScores(
                    tuned: [.init(prompt: [1, 2], answer: [3, 4], tuned: [-0.1, -0.25], base: [-3, -4.5]), nil],
                    base: [.init(answer: [5], base: [-0.5]), nil]))
    }

    @Test(
        "a trainer of an earlier version tells none, and scores that can't be read do not lose the adapter",
        arguments: [
            "", #", "goldenScores": null, "baseScores": null"#,
            #", "goldenScores": [{"prompt": [1]}], "baseScores": []"#,
            #", "goldenScores": "x", "baseScores": [7]"#, #", "goldenScores": []"#,
        ])
    func none(fields: String) async throws {
        #expect(try await scores(fields) == nil)
    }
}

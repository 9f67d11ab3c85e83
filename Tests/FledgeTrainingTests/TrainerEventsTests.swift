import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
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
            guard case .done("a", ["x"], ["y"], 3, _, let scores)? = try TrainerEvents.ending(of: file) else {
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

    @Test("a file of a terabyte, or a line without an end, is refused with its name and sizes, and is not read")
    func tooLarge() async throws {
        try await TemporaryDirectory.with { directory in
            let file = URL(filePath: directory).appending(path: "events.jsonl")
            for (size, words) in [(1 << 40, "\(1 << 40) bytes"), (100 << 20, "a line of more than")] {
                try Data("{\"event\": \"started\"}\n".utf8).write(to: file)
                #expect(truncate(file.path, size) == 0)
                for read in [
                    { _ = try TrainerEvents.read(file, from: 0) }, { _ = try TrainerEvents.ending(of: file) },
                ] {
                    let error = #expect(throws: FledgeError.self) { try read() }
                    #expect(error?.code == "training.bad_output" && error?.exitCode == .badData)
                    #expect(error?.message.contains(file.path) == true && error?.message.contains(words) == true)
                }
            }
        }
    }

    @Test("more than a page of lines is told page by page, and nothing of it twice")
    func pages() async throws {
        try await TemporaryDirectory.with { directory in
            let file = URL(filePath: directory).appending(path: "events.jsonl")
            let padding = String(repeating: "x", count: 100_000)
            let lines = (1...100).map {
                "{\"event\": \"progress\", \"step\": \($0), \"elapsedSeconds\": 1, \"padding\": \"\(padding)\"}\n"
            }
            try Data((lines.joined() + "{\"event\": \"err").utf8).write(to: file)
            var steps: [Int] = []
            var pages = 0
            var offset: Int64 = 0
            while true {
                let page = try TrainerEvents.read(file, from: offset)
                steps += page.points.map(\.step)
                offset = page.offset
                pages += 1
                guard page.hasMore else { break }
            }
            #expect(steps == Array(1...100) && pages == 3)
            #expect(offset == Int64(lines.joined().utf8.count))
        }
    }

    @Test("a message of megabytes is cut")
    func longMessage() async throws {
        try await TemporaryDirectory.with { directory in
            let file = URL(filePath: directory).appending(path: "events.jsonl")
            let text = String(repeating: "x", count: 3_000_000)
            try Data("{\"event\": \"error\", \"message\": \"\(text)\"}\n".utf8).write(to: file)
            #expect(try TrainerEvents.read(file, from: 0).log[0].count < 5000)
            guard case .error(_, let message)? = try TrainerEvents.ending(of: file) else {
                Issue.record("the end was not read")
                return
            }
            #expect(message.count < 5000)
        }
    }
}

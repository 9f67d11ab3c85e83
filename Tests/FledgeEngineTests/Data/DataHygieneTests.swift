import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@Suite("Data hygiene") struct DataHygieneTests {
    /// Numbers 1 to 200 in words that differ, with three leaks planted by `leaks`.
    private static func lines(leaks: Bool) -> [String] {
        var random = SplitMix64(seed: 5)
        func word() -> String {
            String((0..<6).map { _ in Character(UnicodeScalar(UInt8(97 + random.next(below: 26)))) })
        }
        var texts = (1...200).map { _ in (0..<10).map { _ in word() }.joined(separator: " ") }
        if leaks {
            // The first is followed by copies with another punctuation, a typing error, and another group's name.
            for place in 0..<30 {
                texts.append(place.isMultiple(of: 2) ? texts[place] + "!" : texts[place].dropLast() + "#")
            }
        }
        return texts.enumerated().map { #"{"text": "\#($1)", "answer": "\#($0.isMultiple(of: 2) ? "even" : "odd")"}"# }
    }

    private static func request(
        _ lines: [String], in directory: String, leaks: LeakHandling? = nil, personal: PersonalDataDefinition? = nil,
        system: String? = nil
    ) throws -> ApplyRequest {
        try lines.joined(separator: "\n").write(toFile: directory + "/d.jsonl", atomically: true, encoding: .utf8)
        var definition = EngineFixture.definition()
        definition.dataset = DatasetDefinition(
            path: "d.jsonl", inputs: ["text"], expected: "answer",
            split: SplitDefinition(prototype: 40, holdout: 60, seed: 7), leaks: leaks, personalData: personal)
        definition.promptPrototype?.prompts[0].system = system
        return ApplyRequest(
            document: DefinitionDocument(useCase: definition, sourceFile: "parity.swift", locations: ["dataset": 5]),
            sourceText: "…", directory: directory, actor: "ada")
    }

    @Test("clean data passes without a word")
    func clean() async throws {
        try await TemporaryDirectory.with { directory in
            let checked = try DefinitionIntake().check(try Self.request(Self.lines(leaks: false), in: directory))
            #expect(checked.diagnostics == [])
            #expect(checked.submission?.rows.count == 200 && checked.submission?.settled == [])
        }
    }

    @Test("leaks are refused, each at its line, with what to do")
    func refused() async throws {
        try await TemporaryDirectory.with { directory in
            let checked = try DefinitionIntake().check(try Self.request(Self.lines(leaks: true), in: directory))
            #expect(checked.submission == nil)
            let leaks = checked.diagnostics.filter { $0.file.hasSuffix("/d.jsonl") }
            #expect((2...20).contains(leaks.count) && leaks.allSatisfy { $0.severity == .error && ($0.line ?? 0) > 0 })
            #expect(Set(leaks.map(\.code)) == ["data.exact_duplicate", "data.near_duplicate"])
            let summary = try #require(checked.diagnostics.last)
            #expect(summary.code == "data.leaks" && summary.file == "parity.swift" && summary.line == 5)
            #expect(summary.hint?.contains("LeakPolicy(.drop)") == true)
        }
    }

    @Test("a prompt that holds a row's text is refused by name")
    func prompt() async throws {
        try await TemporaryDirectory.with { directory in
            let lines = Self.lines(leaks: false)
            let contents = try JSONDecoder().decode([String: String].self, from: Data(lines[0].utf8))
            let second = try JSONDecoder().decode([String: String].self, from: Data(lines[1].utf8))
            let system = "For example: \(contents["text"] ?? "") and \(second["text"] ?? "")."
            let request = try Self.request(lines + lines.prefix(0), in: directory, system: system)
            let checked = try DefinitionIntake().check(request)
            let found = checked.diagnostics.filter { $0.code == "data.text_in_prompt" }
            #expect(!found.isEmpty && found.allSatisfy { $0.message.contains("the prompt plain") })
        }
    }

    @Test("a policy settles leaks, says so, and is another snapshot", arguments: [LeakHandling.drop, .moveToTraining])
    func settled(_ handling: LeakHandling) async throws {
        try await TemporaryDirectory.with { directory in
            let checked = try DefinitionIntake().check(
                try Self.request(Self.lines(leaks: true), in: directory, leaks: handling))
            let submission = try #require(checked.submission)
            #expect(!submission.settled.isEmpty)
            #expect(submission.rows.count == (handling == .drop ? 230 - submission.settled.count : 230))
            let warning = try #require(checked.diagnostics.first { $0.code == "data.leaks_settled" })
            #expect(warning.severity == .warning && warning.message.hasPrefix("\(submission.settled.count) rows "))
            let scan = try LeakScan(
                submission.rows.map {
                    DatasetSplitter.Row(row: $0.row, group: nil, inputs: $0.inputs, expected: $0.expected)
                }, prompts: PromptOverlap([]))
            #expect(scan.findings(in: submission.rows.map(\.split)).total == 0)
        }
    }

    @Test("contradictions, repeated rows and personal data are warnings")
    func warnings() async throws {
        try await TemporaryDirectory.with { directory in
            var lines = Self.lines(leaks: false)
            lines += [lines[4], lines[7].replacing("odd", with: "even")]
            lines += (0..<60).map { #"{"text": "tell jane\#($0)@example.org what \#($0) is", "answer": "even"}"# }
            let checked = try DefinitionIntake().check(try Self.request(lines, in: directory))
            #expect(
                Set(checked.diagnostics.map(\.code)) == ["data.repeated_rows", "data.conflicts", "data.personal"],
                "\(checked.diagnostics)")
            #expect(checked.diagnostics.allSatisfy { $0.severity == .warning && !$0.description.contains("jane") })
            #expect(checked.submission != nil)
            let masked = try DefinitionIntake().check(
                try Self.request(lines, in: directory, personal: PersonalDataDefinition(mask: true)))
            #expect(!masked.diagnostics.contains { $0.code == "data.personal" })
        }
    }

    @Test(
        "a report is made of any data that can be read",
        arguments: [("", 1), (#"{"text": "A", "answer": "b"}"#, 1), ("not json", 1), ("\u{FEFF}\n\n", 1)]
            + [(#"{"text": "A", "answer": "b"}"#, 200_000)])
    func reports(_ line: String, _ words: Int) async throws {
        let text = line.replacing("A", with: String(repeating: "long word ", count: words))
        try await TemporaryDirectory.with { directory in
            let report = try DefinitionIntake().report(try Self.request([text], in: directory))
            #expect(report.rows == (text.contains("answer") ? 1 : 0))
            #expect(report.leaks.total == 0 && report.problems.count == (text == "not json" ? 1 : 0))
        }
    }

    @Test("data that is not UTF-8 gives no report but an error")
    func notUTF8() async throws {
        try await TemporaryDirectory.with { directory in
            let request = try Self.request([], in: directory)
            try Data([0x7B, 0xFF]).write(to: URL(fileURLWithPath: directory + "/d.jsonl"))
            let error = #expect(throws: FledgeError.self) { try DefinitionIntake().report(request) }
            #expect(error?.code == "data.not_utf8" && error?.exitCode == .badData)
        }
    }

    // MARK: In the daemon

    @Test("what was left out can be read from the daemon, with its report")
    func explained() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let request = try Self.request(Self.lines(leaks: true), in: fixture.directory, leaks: .drop)
            let applied = try await fixture.control.apply(request)
            #expect(applied.applied?.startedCycle != nil, "\(applied.diagnostics)")
            let settled = try #require(try await fixture.control.explain(name: "parity").settledLeaks)
            #expect(!settled.isEmpty)
            let report = try await fixture.control.dataReport(name: "parity")
            #expect(report.settled == settled && report.leaks.total == 0)
            #expect(report.rows == 230 - settled.count)
            #expect(report == (try DefinitionIntake().report(request)))
        }
    }

    @Test("a file whose numbers were read in another form before counts as changed data, and it says so")
    func readAnew() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let lines = (1...240).map {
                #"{"text": "number \#($0)", "answer": \#($0.isMultiple(of: 2) ? "1.10" : "2")}"#
            }
            let request = try Self.request(lines, in: fixture.directory)
            let rounded = try #require(try DefinitionIntake().check(request).submission?.roundedSHA256)
            #expect(try await fixture.control.apply(request).applied?.isNew == true)
            #expect(try await fixture.control.plan(request).diagnostics == [])
            // As a version would have stored it that read 1.10 as 1.1.
            try await fixture.pool.behindTheTriggers("UPDATE dataset_snapshot SET sha256 = '\(rounded.rawValue)'")
            let plan = try await fixture.control.plan(request)
            #expect(plan.changes == ["the data changed"] && plan.diagnostics.map(\.code) == ["data.numbers_as_written"])
            let again = try await fixture.control.apply(request)
            #expect(again.applied?.isNew == true && again.applied?.revision == 2)
            #expect(again.diagnostics.map(\.code) == ["data.numbers_as_written"])
            #expect(try await fixture.control.apply(request).applied?.isNew == false)
        }
    }

    @Test("whole numbers and fractions that were read as they stand are the same data as before")
    func notReadAnew() async throws {
        try await TemporaryDirectory.with { directory in
            let lines = (1...200).map {
                #"{"text": "number \#($0)", "answer": \#($0.isMultiple(of: 2) ? "-7" : "0.5")}"#
            }
            let submission = try #require(
                try DefinitionIntake().check(try Self.request(lines, in: directory)).submission)
            #expect(submission.roundedSHA256 == nil)
        }
    }

    private static let personalLines = (1...240).map {
        #"{"text": "mail jane@example.org number \#($0)", "answer": "\#(EngineFixture.label(of: "\($0)"))"}"#
    }

    @Test("a model is not trained on personal data, and the block says what to write")
    func trainingRefused() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            _ = try await fixture.control.apply(try Self.request(Self.personalLines, in: fixture.directory))
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "training.personal_data")
            #expect(state.block?.message.contains("PersonalData(.mask)") == true)
            #expect(fixture.training.submissions == [])
        }
    }

    @Test("masked, the trainer sees placeholders alone")
    func trainingMasked() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            let mask = PersonalDataDefinition(mask: true)
            _ = try await fixture.control.apply(
                try Self.request(Self.personalLines, in: fixture.directory, personal: mask))
            try await fixture.work { $0.isLive }
            let specification = try #require(fixture.training.specifications.first)
            let texts =
                (specification.rows + specification.validationRows).flatMap { $0.messages.map(\.content) }
                + specification.golden.flatMap { $0.messages.map(\.content) }
            #expect(texts.contains { $0.contains("mail <email> number") } && !texts.contains { $0.contains("jane") })
        }
    }
}

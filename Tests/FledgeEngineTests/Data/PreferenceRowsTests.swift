import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@Suite("Preferences in data files") struct PreferenceRowsTests {
    private static let fields = PreferencesDefinition(chosen: "better", rejected: "worse")

    private static func read(_ name: String, _ text: String) async throws -> DatasetContents {
        try await TemporaryDirectory.with { directory in
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
            var dataset = DataFixture.dataset(name)
            dataset.preferences = fields
            return try DatasetReader().read(dataset, relativeTo: directory)
        }
    }

    @Test(
        "are read without white space at their ends; a row without both is an ordinary one",
        arguments: [
            ("d.csv", "text,label,better,worse\na,x, good ,bad\nb,y,,\nc,z,\" \",\n"),
            (
                "d.jsonl",
                """
                {"text": "a", "label": "x", "better": " good ", "worse": "bad"}
                {"text": "b", "label": "y"}
                {"text": "c", "label": "z", "better": null, "worse": ""}
                """
            ),
        ])
    func read(name: String, text: String) async throws {
        let contents = try await Self.read(name, text)
        #expect(contents.problems == [])
        #expect(contents.rows.map(\.preference) == [Preference(chosen: "good", rejected: "bad"), nil, nil])
        #expect(contents.rows.map(\.expected) == ["x", "y", "z"])
    }

    @Test(
        "a row with one of them, with an empty one or with the same twice is named by its line",
        arguments: [
            (#""better": "good""#, "has no field worse beside better: a row has both or neither"),
            (#""worse": "bad", "better": null"#, "has no field better beside worse: a row has both or neither"),
            (#""better": "good", "worse": " ""#, "has an empty worse beside better: a row has both or neither"),
            (#""better": "", "worse": "bad""#, "has an empty better beside worse: a row has both or neither"),
            (
                #""better": "good", "worse": "good ""#,
                "has the same text in better and worse: neither is the better one"
            ),
        ])
    func badRows(_ pair: String, _ message: String) async throws {
        let sound = #"{"text": "a", "label": "x", "better": "good", "worse": "bad"}"#
        let bad = #"{"text": "b", "label": "y", \#(pair)}"#
        let contents = try await Self.read("d.jsonl", "\(sound)\n\(bad)\n\(sound)\n")
        #expect(contents.problems == [DatasetContents.Problem(row: 2, line: 2, message: message)])
        #expect(contents.rows.map(\.row) == [1, 3])
    }

    private static func check(
        _ name: String, _ text: String, _ preferences: PreferencesDefinition?
    ) async throws -> DefinitionIntake.Checked {
        try await TemporaryDirectory.with { directory in
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
            var definition = EngineFixture.definition()
            definition.dataset = DatasetDefinition(
                path: name, inputs: ["text"], expected: "answer", preferences: preferences,
                split: SplitDefinition(prototype: 40, holdout: 60, seed: 7))
            let document = DefinitionDocument(
                useCase: definition, sourceFile: "parity.swift", locations: ["dataset.preferences": 7])
            return try DefinitionIntake().check(
                ApplyRequest(document: document, sourceText: "…", directory: directory, actor: "ada"))
        }
    }

    /// 240 rows, of which every second has both.
    private static let lines = (1...240).map { number in
        let answer = EngineFixture.label(of: "\(number)")
        let pair = number.isMultiple(of: 2) ? "" : #", "better": "surely \#(number)", "worse": "perhaps""#
        return #"{"text": "number \#(number)", "answer": "\#(answer)"\#(pair)}"#
    }.joined(separator: "\n")

    @Test(
        "a field that no row has is told once, by the definition's line, with the one that was meant",
        arguments: [
            ("d.jsonl", lines),
            ("d.csv", "text,answer,better,worse\none,odd,\"odd, surely\",even\ntwo,even,\"even, surely\",odd\n"),
        ])
    func unknownField(_ name: String, _ text: String) async throws {
        let misspelt = PreferencesDefinition(chosen: "better", rejected: "wrose")
        let found = try await Self.check(name, text, misspelt).diagnostics.filter {
            $0.severity == .error && $0.code.hasPrefix("data")
        }
        #expect(found.map(\.code) == ["dataset.unknown_field"], "\(found)")
        #expect(found.first?.line == 7 && found.first?.hint?.hasPrefix("did you mean worse?") == true)
    }

    @Test("make a snapshot of their own, and one without them is the snapshot that it was")
    func identity() async throws {
        let plain = try #require(try await Self.check("d.jsonl", Self.lines, nil).submission)
        let dataset =
            #"{"expected":"answer","inputs":["text"],"path":"d.jsonl","#
            + #""split":{"holdout":60,"prototype":40,"seed":7}}"#
        #expect(plain.snapshotSHA256 == Digest(of: Digest(of: Self.lines).rawValue + dataset))
        #expect(plain.rows.allSatisfy { $0.preference == nil })
        let paired = try #require(try await Self.check("d.jsonl", Self.lines, Self.fields).submission)
        #expect(paired.snapshotSHA256 != plain.snapshotSHA256)
        #expect(paired.rows.map(\.split) == plain.rows.map(\.split))
        for row in paired.rows {
            let pair = Preference(chosen: "surely \(row.row)", rejected: "perhaps")
            #expect(row.preference == (row.row.isMultiple(of: 2) ? nil : pair))
        }
    }
}

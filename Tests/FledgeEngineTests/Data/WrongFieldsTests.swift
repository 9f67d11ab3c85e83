import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@Suite("Fields that the data lacks") struct WrongFieldsTests {
    private static func diagnostics(_ name: String, _ text: String) async throws -> [Diagnostic] {
        try await TemporaryDirectory.with { directory in
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
            var definition = EngineFixture.definition()
            definition.dataset = DatasetDefinition(
                path: name, inputs: ["text"], expected: "answer",
                split: SplitDefinition(prototype: 1, holdout: 1, seed: 7))
            let document = DefinitionDocument(
                useCase: definition, sourceFile: "parity.swift",
                locations: ["dataset.inputs[0]": 5, "dataset.expected": 6])
            return try DefinitionIntake().check(
                ApplyRequest(document: document, sourceText: "…", directory: directory, actor: "ada")
            ).diagnostics.filter { $0.code.hasPrefix("data") }
        }
    }

    @Test(
        "are told once each, by the definition's lines, and the data is not called empty",
        arguments: [
            ("d.csv", "Text,Answer\none,odd\ntwo,even\n"), ("d.csv", "Text;Answer\none;odd\ntwo;even\n"),
            (
                "d.jsonl",
                "{\"Text\": \"one\", \"Answer\": \"odd\"}\n{\"Text\": \"two\", \"Answer\": \"even\"}\n"
            ),
        ])
    func unknownFields(_ name: String, _ text: String) async throws {
        let found = try await Self.diagnostics(name, text)
        #expect(found.map(\.code) == ["dataset.unknown_field", "dataset.unknown_field"])
        #expect(found.map(\.line) == [5, 6])
        #expect(
            found.map(\.hint)
                == ["Text", "Answer"].map { "did you mean \($0)? its fields are Answer, Text" }
        )
    }

    @Test("a header alone is data without rows", arguments: ["text,answer", "text,answer\n\n"])
    func headerAlone(_ text: String) async throws {
        #expect(try await Self.diagnostics("d.csv", text).map(\.code) == ["data.empty"])
    }

    @Test("a header below a title is found")
    func title() async throws {
        let found = try await Self.diagnostics(
            "d.csv", "Export of May\n\ntext,answer\none,odd\ntwo,even\n")
        #expect(Set(found.map(\.code)) == ["dataset.unknown_field", "data.bad_row"])
        let row = try #require(found.first { $0.code == "data.bad_row" })
        #expect(row.line == 3 && row.message.contains("remove the lines above it"))
    }
}

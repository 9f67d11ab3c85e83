import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@Suite("Preferences in a definition")
struct PreferencesTests {
    @Test("stand in the document with their line; a document of before has none, and keeps its bytes")
    func lowered() throws {
        let line = #line + 3
        let document = UseCase("x") {
            Dataset("d.csv") {
                Preferences(chosen: "better", rejected: "worse")
            }
        }.document
        #expect(
            CanonicalJSON.text(of: document.useCase.dataset) == """
                {"expected":"","inputs":[],"path":"d.csv","preferences":{"chosen":"better","rejected":"worse"}}
                """)
        #expect(document.locations["dataset.preferences"] == line)
        let text = document.canonicalJSON
        #expect(try JSONDecoder().decode(DefinitionDocument.self, from: Data(text.utf8)) == document)

        let before = #"{"expected":"b","inputs":["a"],"path":"d.csv"}"#
        let read = try JSONDecoder().decode(DatasetDefinition.self, from: Data(before.utf8))
        #expect(read.preferences == nil && CanonicalJSON.text(of: read) == before)
    }
}

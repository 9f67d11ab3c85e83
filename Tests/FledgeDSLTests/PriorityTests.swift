import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@testable import Workflows

@Suite("A use case's priority")
struct PriorityTests {
    @Test("lowers to the document with its line, and leaves no trace where it is not said")
    func lowers() {
        let start = #line + 1
        let document = UseCase("u") {
            Priority(3)
        }.document
        #expect(document.useCase.priority == 3 && document.locations["priority"] == start + 1)
        #expect(document.useCase.canonicalJSON.contains(#""priority":3"#))
        #expect(!lexicalCategory.document.useCase.canonicalJSON.contains("priority"))
    }

    @Test("that changed is named")
    func difference() {
        var old = lexicalCategory.document.useCase
        var new = old
        new.priority = 4
        #expect(DefinitionDiff.changes(from: old, to: new) == ["priority added: 4"])
        old.priority = 1
        #expect(DefinitionDiff.changes(from: old, to: new) == ["priority: 1 → 4"])
    }
}

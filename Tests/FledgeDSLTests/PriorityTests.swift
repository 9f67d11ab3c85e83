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

    @Test("is 0 to 9", arguments: [(0, true), (9, true), (-1, false), (10, false), (Int.max, false)])
    func range(priority: Int, isSound: Bool) {
        var document = lexicalCategory.document
        document.useCase.priority = priority
        let found = DefinitionValidator.diagnostics(
            for: document,
            dataset: DatasetFacts(error: nil, rowCount: 0, fields: [], labels: 0, problems: [], path: nil),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true })
        #expect(found.contains { $0.code == "definition.bad_priority" } == !isSound)
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

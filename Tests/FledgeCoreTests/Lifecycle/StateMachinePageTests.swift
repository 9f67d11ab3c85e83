import FledgeCore
import Foundation
import Testing

@Suite("The page of the stage machine")
struct StateMachinePageTests {
    @Test("docs/internals/state-machine.md has every edge; FLEDGE_RECORD=1 writes it anew")
    func documentation() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/internals/state-machine.md").standardizedFileURL
        if ProcessInfo.processInfo.environment["FLEDGE_RECORD"] == "1" {
            try Data(StateMachinePage.text.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == StateMachinePage.text)
    }

    @Test("every row of the table is taken at one of its places at least")
    func everyRowCounts() {
        for edge in CycleMachine.edges {
            let tries = CycleMachine.places.filter(edge.from.contains).flatMap { StateMachineTry.all(edge, at: $0) }
            #expect(!tries.isEmpty, "\(edge.event)")
        }
    }

    @Test("an edge leads from and to places that a cycle can stand at")
    func places() {
        let places = Set(CycleMachine.places)
        #expect(places.count == CycleMachine.places.count)
        #expect(CycleMachine.moves.allSatisfy { places.contains($0.from) && places.contains($0.to) })
    }
}

import FledgeTestKit
import Foundation
import Testing

@Suite("What only rehearsals of crashes can do")
struct RehearsalTests {
    @Test(
        "a daemon that people run knows no points to crash at and no stub's models, whatever its environment says",
        arguments: [("fledge", false), ("fledged", false), ("fledged-rehearsal", true)])
    func knows(program: String, isRehearsal: Bool) throws {
        let code = try Data(contentsOf: URL(filePath: BuiltPrograms.path(program)), options: .mappedIfSafe)
        // The variable of the provider, and the names of the module's symbols.
        for word in [RehearsalVariable.provider, "15FledgeRehearsal"] {
            #expect((code.range(of: Data(word.utf8)) != nil) == isRehearsal, "\(word)")
        }
        // What is there to be found.
        #expect(code.range(of: Data("FLEDGE_STATE_DIR".utf8)) != nil)
    }
}

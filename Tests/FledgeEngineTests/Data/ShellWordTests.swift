import ManagedProcess
import Testing

@testable import FledgeEngine

@Suite("Words for a shell")
struct ShellWordTests {
    @Test(
        "are read back as what they were",
        arguments: ["plain", "it's", "'\u{301}; echo x", "", "-x", "a  b", "$HOME", "a\nb", "`id`", "\\'"])
    func quoted(_ text: String) async throws {
        let said = try await Command("/bin/sh", ["-c", "printf %s " + ShellWord.quoted(text)]).run()
        #expect(Array(said.output.utf8) == Array(text.utf8))
    }
}

import ArgumentParser
import FledgeCore
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("The page of commands")
struct CommandPageTests {
    @Test("docs/cli.md has every command; FLEDGE_RECORD=1 writes it anew")
    func documentation() throws {
        #expect(try RecordedPage.committed("docs/cli.md", made: CommandPage.text) == CommandPage.text)
    }

    @Test("every command says what it does, and has a place on the page")
    func everyCommand() {
        #expect(CommandPage.commands.count > 40)
        for command in CommandPage.commands {
            #expect(!command.type.configuration.abstract.isEmpty, "\(command.path)")
            let heading = "# \(command.path.joined(separator: " "))\n"
            #expect(command.path.count == 1 || CommandPage.text.contains(heading), "\(command.path)")
        }
    }

    @Test("every exit status has a meaning of its own")
    func statuses() {
        #expect(Set(ExitStatus.allCases.map(\.meaning)).count == ExitStatus.allCases.count)
    }
}

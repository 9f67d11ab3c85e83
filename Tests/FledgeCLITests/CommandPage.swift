import ArgumentParser
import FledgeCore

@testable import FledgeCLI

/// `docs/cli.md`: what the command line says of itself.
enum CommandPage {
    static var text: String {
        """
        # Commands

        What `fledge COMMAND --help` prints, of every command. `fledge --generate-completion-script zsh` (or `bash`, \
        `fish`) prints completions, and `make man` writes a manual page. `fledged`, the daemon, has \
        [settings](operating/settings.md) instead.

        \(sections.joined(separator: "\n\n"))

        ## Exit statuses

        | status | meaning |
        |---|---|
        \(statuses)

        A status says what is to be done about it; the code in brackets behind an error says what it is.

        This page is made from the commands: `FLEDGE_RECORD=1 make test TEST='--filter CommandPageTests'` writes it anew.

        """
    }

    /// Every command with its path, each before its subcommands.
    static var commands: [(path: [String], type: any ParsableCommand.Type)] {
        descendants(of: FledgeCommand.self, path: [FledgeCommand._commandName])
    }

    private static func descendants(
        of command: any ParsableCommand.Type, path: [String]
    ) -> [(path: [String], type: any ParsableCommand.Type)] {
        [(path, command)]
            + command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .flatMap { descendants(of: $0, path: path + [$0._commandName]) }
    }

    private static var sections: [String] {
        let configuration = FledgeCommand.configuration
        let groups =
            [(name: "Others", commands: configuration.ungroupedSubcommands)]
            + configuration.groupedSubcommands.map { (name: $0.name, commands: $0.subcommands) }
        return groups.filter { !$0.commands.isEmpty }.flatMap { group in
            ["## \(group.name)"]
                + group.commands.flatMap { descendants(of: $0, path: ["fledge", $0._commandName]) }.map { command in
                    let level = String(repeating: "#", count: command.path.count + 1)
                    return "\(level) \(command.path.joined(separator: " "))\n\n```text\n\(help(command.type))\n```"
                }
        }
    }

    /// In lines of a set width, without blanks at their ends.
    private static func help(_ command: any ParsableCommand.Type) -> String {
        let lines = FledgeCommand.helpMessage(for: command, columns: 100).split(
            separator: "\n", omittingEmptySubsequences: false)
        let trimmed = lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
        return String(trimmed.joined(separator: "\n").reversed().drop { $0 == "\n" }.reversed())
    }

    private static var statuses: String {
        ExitStatus.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }.joined(separator: "\n")
    }
}

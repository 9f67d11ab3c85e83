import ArgumentParser
import FledgeCore

/// What somebody probably meant who wrote a command that there is not.
enum CommandSuggestion {
    /// - Parameter arguments: without the program's name.
    /// - Returns: `usage.unknown_command`; nil where the arguments name a command, or none that is near one.
    static func error(for arguments: [String]) -> FledgeError? {
        var command: any ParsableCommand.Type = FledgeCommand.self
        var path = "fledge"
        for argument in arguments {
            let children = children(of: command)
            guard !children.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
            if let child = children.first(where: { $0.name == argument }) {
                command = child.command
                path += " \(argument)"
                continue
            }
            guard let meant = Suggestion.nearest(to: argument, among: children.map { $0.name }) else { return nil }
            return FledgeError(
                "usage.unknown_command", "there is no command \(path) \(argument)",
                hint: "did you mean \(path) \(meant)?")
        }
        return nil
    }

    private static func children(
        of command: any ParsableCommand.Type
    ) -> [(name: String, command: any ParsableCommand.Type)] {
        let configuration = command.configuration
        return configuration.subcommands.map { ($0._commandName, $0) }
    }
}

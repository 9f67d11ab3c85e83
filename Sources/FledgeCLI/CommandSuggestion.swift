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
            let names = command.configuration.subcommands.compactMap(\.configuration.commandName)
            guard !names.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
            if let child = command.configuration.subcommands.first(where: { $0.configuration.commandName == argument })
            {
                command = child
                path += " \(argument)"
                continue
            }
            guard let meant = Suggestion.nearest(to: argument, among: names) else { return nil }
            return FledgeError(
                "usage.unknown_command", "there is no command \(path) \(argument)",
                hint: "did you mean \(path) \(meant)?", exitCode: .usage)
        }
        return nil
    }
}

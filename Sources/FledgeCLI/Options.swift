import ArgumentParser
import FledgeAPI
import FledgeEngine
import Foundation

/// How reading commands print.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
}

struct OutputOptions: ParsableArguments {
    @Option(help: "How to print.")
    var output: OutputFormat = .table

    /// Prints the value as JSON, or as the text.
    func show(_ value: some Encodable, _ text: @autoclosure () -> String) throws {
        Console.write(output == .json ? try WireFormat.prettyText(value) : text())
    }
}

/// Which daemon to ask.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's socket.", discussion: "Else FLEDGE_SOCKET, or below FLEDGE_STATE_DIR."))
    var socket: String?

    var client: ControlClient { ControlClient(socket: socket ?? StatePaths.current().socket) }

    /// Who a command is recorded under.
    var actor: String { "user:\(NSUserName())" }
}

struct NameArgument: ParsableArguments {
    @Argument(help: "The use case's name.")
    var name: String
}

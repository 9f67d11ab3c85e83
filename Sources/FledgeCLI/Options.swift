import ArgumentParser
import FledgeAPI
import FledgeClient
import FledgeCore
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
        if output == .json { Console.writeExactly(try WireFormat.prettyText(value)) } else { Console.write(text()) }
    }
}

/// Which daemon to ask.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's socket.", discussion: "Else FLEDGE_SOCKET, or below FLEDGE_STATE_DIR."))
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The address of a daemon that listens on TCP.", discussion: "Else FLEDGE_SERVER.", valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "Where that daemon's token is: env:NAME or file:PATH.", discussion: "Else FLEDGE_TOKEN.",
            valueName: "reference"))
    var token: String?

    func validate() throws {
        if socket != nil, server != nil { throw ValidationError("Give --socket or --server, not both.") }
    }

    var client: ControlClient {
        get throws(FledgeError) {
            try DaemonAddress(
                socket: socket, server: server, token: token, environment: ProcessInfo.processInfo.environment
            ).client()
        }
    }

    /// Who a command is recorded under, as the daemon knows it.
    var actor: String { get async throws { try await client.actor() } }
}

struct NameArgument: ParsableArguments {
    @Argument(help: "The use case's name.")
    var name: String
}

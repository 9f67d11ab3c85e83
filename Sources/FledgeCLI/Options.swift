import ArgumentParser
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
        if output == .json {
            Console.writeExactly(try JSONProfile.wire.indentedText(of: value))
        } else {
            Console.write(text())
        }
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

    /// One that shows at a terminal how far data is that goes to the daemon.
    var uploadingClient: ControlClient {
        get throws(FledgeError) {
            var client = try client
            if Console.isErrorTerminal { client.progress = UploadLine() }
            return client
        }
    }

    /// Who a command is recorded under, as the daemon knows it.
    var actor: String { get async throws { try await client.actor() } }
}

struct NameArgument: ParsableArguments {
    @Argument(help: "The use case's name.")
    var name: String
}

/// Times that are given as an option's number.
extension Duration {
    /// Ten years: what is waited for longer is waited for without a limit.
    static let longestNamed = Duration.seconds(10 * 365 * 86_400)

    /// Never traps: a number that can't be a duration becomes the nearest one that can, and NaN becomes zero.
    init(saturatingSeconds seconds: Double) {
        let longest = Double(Self.longestNamed.components.seconds)
        self = seconds > 0 ? .seconds(min(seconds, longest)) : .zero
    }

    /// - Parameters:
    ///   - number: an option's value.
    ///   - unit: of the number, in seconds.
    /// - Throws: a usage error that names the option, where the number is no time from zero to ten years.
    static func check(_ number: Double, of option: String, in units: String, of unit: Double = 1) throws {
        let longest = (Double(longestNamed.components.seconds) / unit).rounded(.down)
        guard (0...longest).contains(number) else {
            throw ValidationError("\(option) is a number of \(units), from 0 to \(Int(saturating: longest)).")
        }
    }
}

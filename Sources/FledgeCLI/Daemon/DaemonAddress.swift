import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

/// Which daemon the command line speaks to: the one that options name, else the one of the environment, else the socket
/// of this machine.
struct DaemonAddress {
    static let serverVariable = EnvironmentVariable.server.rawValue

    var socket: String?
    var server: String?
    var token: String?
    var environment: [String: String]

    /// - Throws: `daemon.bad_address` or what is wrong with the token's reference, exit 78.
    func client() throws(FledgeError) -> ControlClient {
        if let socket { return ControlClient(socket: socket) }
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let address = server ?? variable(Self.serverVariable) else {
            return ControlClient(socket: StatePaths.current(environment: environment).socket)
        }
        let parts = URLComponents(string: address)
        guard let parts, ["http", "https"].contains(parts.scheme), parts.host?.isEmpty == false, parts.user == nil,
            parts.query == nil, parts.fragment == nil
        else {
            // The address is not repeated in the message: somebody may have put the token into it.
            throw FledgeError(
                "daemon.bad_address", "the daemon's address can't be read",
                hint: "write --server (or \(Self.serverVariable)) like http://HOST:PORT, without user or query")
        }
        let reference = token ?? variable(ControlToken.variable)
        let secret: String? =
            if let reference { try ControlToken.read(reference, environment: environment) } else { nil }
        return ControlClient(server: address, token: secret)
    }
}

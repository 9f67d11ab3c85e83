import FledgeCore
import FledgeEngine
import Glibc
import Hummingbird
import Logging
import ServiceLifecycle

/// Serves the control API on a Unix socket and, when asked, on TCP behind a bearer token. A `Service`.
package struct ControlServer: Service {
    /// A TCP address that takes requests which carry the token.
    package struct Network: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
        package let host: String
        /// 0 for any free port.
        package let port: Int
        let token: String
        /// Opens `/metrics` alone: a collector has no need to steer use cases.
        let metricsToken: String?

        /// - Throws: `server.token_too_short`.
        package init(host: String, port: Int, token: String, metricsToken: String? = nil) throws(FledgeError) {
            guard [token, metricsToken ?? token].allSatisfy({ $0.utf8.count >= ControlToken.shortest }) else {
                throw FledgeError(
                    "server.token_too_short",
                    "the token for the TCP address has fewer than \(ControlToken.shortest) characters",
                    hint: "make one with: openssl rand -hex 32", exitCode: .configuration)
            }
            self.host = host
            self.port = port
            self.token = token
            self.metricsToken = metricsToken
        }

        // Whatever prints it whole prints no token.
        package var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
        package var debugDescription: String { description }
    }

    private let api: any ControlAPI
    private let socket: String
    private let network: Network?
    private let probes: ControlProbes
    private let onListening: @Sendable () async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - socket: absolute path; its folder exists.
    ///   - probes: what `/readyz` and `/metrics` answer.
    ///   - onListening: called when the socket takes connections.
    package init(
        api: any ControlAPI, socket: String, network: Network? = nil,
        probes: ControlProbes = ControlProbes(),
        onListening: @escaping @Sendable () async -> Void = {}, logger: Logger
    ) {
        self.api = api
        self.socket = socket
        self.network = network
        self.probes = probes
        self.onListening = onListening
        self.logger = logger
    }

    package func run() async throws {
        let claim = try SocketClaim(path: socket)
        defer { claim.release() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serveSocket() }
            if let network { group.addTask { try await serve(network) } }
            // One that ends with an error takes the other with it.
            while try await group.next() != nil {}
        }
    }

    private func serveSocket() async throws {
        let application = Application(
            router: ControlRouter.make(api: api, network: nil, probes: probes),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket), serverName: "fledged"),
            onServerRunning: { [socket, onListening] _ in
                // The socket's own folder is closed already; this is for a folder that somebody chose.
                chmod(socket, 0o600)
                await onListening()
            },
            logger: logger)
        try await application.run()
    }

    private func serve(_ network: Network) async throws {
        let application = Application(
            router: ControlRouter.make(api: api, network: network, probes: probes),
            configuration: ApplicationConfiguration(
                address: .hostname(network.host, port: network.port), serverName: "fledged"),
            onServerRunning: { [logger] channel in
                logger.info(
                    "listening",
                    metadata: ["address": "\(network.host)", "port": "\(channel.localAddress?.port ?? network.port)"])
            },
            logger: logger)
        do {
            try await application.run()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw FledgeError(
                "server.cannot_listen", "\(network) can't be listened on: \(error)",
                hint: "choose another address with FLEDGE_LISTEN, or end what listens there", exitCode: .configuration)
        }
    }
}

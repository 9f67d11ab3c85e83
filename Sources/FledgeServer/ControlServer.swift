import FledgeCore
import FledgeEngine
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Serves the control API on a Unix socket and, when asked, on TCP behind bearer tokens. A `Service`.
package struct ControlServer: Service {
    /// A TCP address that takes requests which carry the token.
    package struct Network: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
        package let host: String
        /// 0 for any free port.
        package let port: Int
        let token: String
        /// Opens `/metrics` alone: a collector has no need to steer use cases.
        let metricsToken: String?
        /// Further names that it is asked by, such as that of a reverse proxy.
        let names: [String]

        /// - Throws: `server.token_too_short`.
        package init(
            host: String, port: Int, token: String, metricsToken: String? = nil, names: [String] = []
        ) throws(FledgeError) {
            guard [token, metricsToken ?? token].allSatisfy({ $0.utf8.count >= ControlToken.shortest }) else {
                throw FledgeError(
                    "server.token_too_short",
                    "the token for the TCP address has fewer than \(ControlToken.shortest) characters",
                    hint: "make one with: openssl rand -hex 32")
            }
            self.host = host
            self.port = port
            self.token = token
            self.metricsToken = metricsToken
            self.names = names
        }

        /// Whether only this machine reaches it.
        package var isLoopback: Bool { HostNames.isLoopback(host) }

        // Whatever prints it whole prints no token.
        package var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
        package var debugDescription: String { description }
    }

    private let api: any ControlAPI
    private let socket: String
    private let network: Network?
    private let tokens: (any AccessStore)?
    private let spool: SubmissionSpool
    private let probes: ControlProbes
    private let limits: ConnectionLimits
    private let onListening: @Sendable () async -> Void
    private let onNetwork: @Sendable (_ port: Int) async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - socket: absolute path; its folder exists.
    ///   - tokens: those of people and services, for TCP.
    ///   - spool: where data that comes with requests lies meanwhile.
    ///   - probes: what `/readyz` and `/metrics` answer.
    ///   - limits: what the TCP address bears.
    ///   - onListening: called when the socket takes connections.
    ///   - onNetwork: called with its port when the TCP address does.
    package init(
        api: any ControlAPI, socket: String, network: Network? = nil, tokens: (any AccessStore)? = nil,
        spool: SubmissionSpool, probes: ControlProbes = ControlProbes(), limits: ConnectionLimits = .network,
        onListening: @escaping @Sendable () async -> Void = {},
        onNetwork: @escaping @Sendable (_ port: Int) async -> Void = { _ in }, logger: Logger
    ) {
        self.api = api
        self.socket = socket
        self.network = network
        self.tokens = tokens
        self.spool = spool
        self.probes = probes
        self.limits = limits
        self.onListening = onListening
        self.onNetwork = onNetwork
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
            router: ControlRouter.make(api: api, door: .socket, probes: probes, spool: spool),
            server: Self.guarded(by: .socket),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket), serverName: "fledged"),
            onServerRunning: { [socket, onListening] _ in
                // The socket's own folder is closed already; this is for a folder that somebody chose.
                chmod(socket, 0o600)
                await onListening()
            },
            logger: logger)
        try await application.run()
    }

    private static func guarded(by limits: ConnectionLimits) -> HTTPServerBuilder {
        let register = AddressRegister(limit: limits.perAddress)
        return .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionGuard(limits: limits, register: register)],
                idleTimeout: TimeAmount(limits.idle)))
    }

    private func serve(_ network: Network) async throws {
        let door = ControlRouter.Door.network(
            TokenBook(network: network, store: tokens), HostNames(listening: network.host, others: network.names))
        let application = Application(
            router: ControlRouter.make(api: api, door: door, probes: probes, spool: spool),
            server: Self.guarded(by: limits),
            configuration: ApplicationConfiguration(
                address: .hostname(network.host, port: network.port), serverName: "fledged",
                availableConnectionsDelegate: limits.total.map { MaximumAvailableConnections($0, logger: logger) }),
            onServerRunning: { [logger, onNetwork] channel in
                logger.info(
                    "listening",
                    metadata: ["address": "\(network.host)", "port": "\(channel.localAddress?.port ?? network.port)"])
                await onNetwork(channel.localAddress?.port ?? network.port)
            },
            logger: logger)
        do {
            try await application.run()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw FledgeError(
                "server.cannot_listen", "\(network) can't be listened on: \(error)",
                hint: "choose another address with FLEDGE_LISTEN, or end what listens there")
        }
    }
}

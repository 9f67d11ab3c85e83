import CurlClient
import FledgeClient
import FledgeEngine
import FledgeServer
import FledgeTestKit
import Foundation
import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Connections to the control API", .timeLimit(.minutes(15)))
struct ConnectionLimitTests {
    private struct Doors: Sendable {
        var socket: String
        var port: Int
    }

    private static let token = String(repeating: "t", count: 32)

    private func serving(
        _ limits: ConnectionLimits, body: @escaping @Sendable (Doors) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let socket = directory + "/s.sock"
            let (listening, continuation) = AsyncStream.makeStream(of: Int?.self)
            let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let server = ControlServer(
                api: MemoryControlAPI(), socket: socket,
                network: try ControlServer.Network(host: "127.0.0.1", port: 0, token: Self.token),
                spool: try await SubmissionSpool(in: directory + "/uploads"), limits: limits,
                onListening: { continuation.yield(nil) }, onNetwork: { continuation.yield($0) }, logger: silent)
            let group = ServiceGroup(services: [server], logger: silent)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    defer { continuation.finish() }
                    try await group.run()
                }
                var port: Int?
                var opened = 0
                for await door in listening {
                    opened += 1
                    port = door ?? port
                    if opened == 2 { break }
                }
                do { try await body(Doors(socket: socket, port: try #require(port))) } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    /// A connection to the port that says nothing; -1 where there is none.
    ///
    /// - Parameter waits: whether for the other side; else it may be half open, as where the queue of those to be accepted is
    ///   full.
    private static func connect(_ port: Int, waits: Bool = true) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | (waits ? 0 : Int32(SOCK_NONBLOCK.rawValue))
        let descriptor = Glibc.socket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 || (!waits && errno == EINPROGRESS) { return descriptor }
        close(descriptor)
        return -1
    }

    /// Waits on a thread of its own until the other side has closed one of the connections, or this task is cancelled.
    ///
    /// - Returns: the place of the one that was closed.
    private static func end(ofOneOf connections: [Int32]) async -> Int? {
        let isCancelled = Atomic(false)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    var asked = connections.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                    while !isCancelled.load(ordering: .relaxed) {
                        guard poll(&asked, nfds_t(asked.count), 100) > 0 else { continue }
                        var bytes = [UInt8](repeating: 0, count: 4096)
                        let closed = asked.firstIndex {
                            $0.revents != 0 && recv($0.fd, &bytes, bytes.count, Int32(MSG_DONTWAIT)) <= 0
                        }
                        if let closed { return continuation.resume(returning: closed) }
                    }
                    continuation.resume(returning: nil)
                }
            }
        } onCancel: {
            isCancelled.store(true, ordering: .relaxed)
        }
    }

    private static func livez(_ doors: Doors, overSocket: Bool) async throws -> Int {
        let request =
            overSocket
            ? HTTPRequest("GET", "http://localhost/livez", unixSocketPath: doors.socket)
            : HTTPRequest("GET", "http://127.0.0.1:\(doors.port)/livez")
        return try await CurlClient().execute(request).status
    }

    private static func limits(
        total: Int? = 32, perAddress: Int = 100, headers: Duration = .seconds(60), body: Duration = .seconds(60)
    ) -> ConnectionLimits {
        ConnectionLimits(total: total, perAddress: perAddress, headers: headers, body: body, idle: .seconds(60))
    }

    @Test("300 half-open connections leave the Unix socket to the operator")
    func flood() async throws {
        try await serving(Self.limits()) { doors in
            let flood = (0..<300).map { _ in Self.connect(doors.port, waits: false) }
            defer { for descriptor in flood where descriptor >= 0 { close(descriptor) } }
            #expect(!flood.contains(-1))
            let status = try await Self.livez(doors, overSocket: true)
            #expect(status == 200)
        }
    }

    @Test("an address that has enough connections is refused more, and may have others when they are closed")
    func perAddress() async throws {
        try await serving(Self.limits(perAddress: 3)) { doors in
            let connections = (0..<4).map { _ in Self.connect(doors.port) }
            // Which of them is one too many is the server's to say: its threads take them as they come.
            let refused = await Self.end(ofOneOf: connections)
            #expect(refused != nil)
            for descriptor in connections { close(descriptor) }
            #expect(await eventually { (try? await Self.livez(doors, overSocket: false)) == 200 })
        }
    }

    @Test("a connection that sends no head in time is closed, however many bytes it sends")
    func slowHead() async throws {
        try await serving(Self.limits(headers: .milliseconds(200))) { doors in
            let descriptor = Self.connect(doors.port)
            let bytes = Array("GET /livez HTTP/1.1\r\nHost: ".utf8)
            _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            _ = await Self.end(ofOneOf: [descriptor])
            close(descriptor)
            let status = try await Self.livez(doors, overSocket: false)
            #expect(status == 200)
        }
    }

    @Test("a request whose body does not come is closed, with or without a token")
    func slowBody() async throws {
        try await serving(Self.limits(body: .milliseconds(200))) { doors in
            let descriptor = Self.connect(doors.port)
            let bytes = Array(
                "POST /v1/definitions/plan HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{".utf8)
            _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            _ = await Self.end(ofOneOf: [descriptor])
            close(descriptor)
        }
    }

    @Test("the TCP address takes a quarter of the process's files at the most")
    func share() {
        let limits = ConnectionLimits.network
        #expect(
            (limits.total ?? .max) <= max(16, sysconf(Int32(_SC_OPEN_MAX)) / 4) && limits.perAddress < limits.total ?? 0
        )
        #expect(ConnectionLimits.socket.total == nil)
    }
}

import CLibpq
import Glibc
import Synchronization

/// One session with the server: an actor whose executor is a thread of its own.
///
/// Cancelling the task that awaits a statement ends the statement on the server and throws `CancellationError`.
package actor PostgresConnection {
    nonisolated let thread: ConnectionThread
    nonisolated let canceller = QueryCanceller()
    /// The socket, or -1 while there is none; read by `isReadable` from any thread.
    private nonisolated let socket = Atomic<Int32>(-1)
    let configuration: PostgresConfiguration
    private var handle: ConnectionHandle?
    var statements = StatementCache(capacity: 256)

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        thread = ConnectionThread()
    }

    deinit { thread.stop() }

    /// Connects to the server that the configuration names.
    package static func open(_ configuration: PostgresConfiguration) async throws -> PostgresConnection {
        let connection = PostgresConnection(configuration)
        try await connection.connect()
        return connection
    }

    private func connect() throws {
        let handle = try ConnectionHandle(configuration, isCancelled: { Task.isCancelled })
        self.handle = handle
        canceller.attach(handle.pointer)
        socket.store(PQsocket(handle.pointer), ordering: .releasing)
    }

    /// Closes the session; later calls throw `postgres.connection`.
    package func close() {
        socket.store(-1, ordering: .releasing)
        canceller.detach()
        handle = nil
        statements.removeAll()
    }

    /// Whether the session can be used for other work: alive and outside of a transaction.
    var isReusable: Bool {
        guard let handle, !handle.isBroken else { return false }
        return PQtransactionStatus(handle.pointer) == PQTRANS_IDLE
    }

    /// Whether an idle session's socket has something to read, which it has when the server has ended it.
    nonisolated var isReadable: Bool {
        var descriptor = pollfd(fd: socket.load(ordering: .acquiring), events: Int16(POLLIN), revents: 0)
        return descriptor.fd < 0 || poll(&descriptor, 1, 0) != 0
    }

    func pointer() throws(PostgresError) -> OpaquePointer {
        guard let handle else { throw PostgresError(.connection, "the connection is closed") }
        return handle.pointer
    }

    /// Runs blocking libpq calls so that cancelling the current task ends them on the server.
    func cancellable<Value: Sendable>(_ body: (OpaquePointer) throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let pointer = try pointer()
        let ticket = canceller.ticket()
        return try await withTaskCancellationHandler {
            canceller.begin(ticket)
            // A cancellation between the check above and `begin` found nothing running.
            if Task.isCancelled {
                _ = canceller.end()
                throw CancellationError()
            }
            let outcome = Result { try body(pointer) }
            let wasCancelled = canceller.end()
            if wasCancelled, case .failure = outcome { throw CancellationError() }
            return try outcome.get()
        } onCancel: {
            canceller.cancel(ticket)
        }
    }

    /// Runs BEGIN, COMMIT or ROLLBACK: never cancelled, since half a COMMIT would be worse than a late one.
    func control(_ sql: String) throws(PostgresError) -> PostgresResult {
        let pointer = try pointer()
        return try Self.checked(PQexec(pointer, sql), pointer, query: sql)
    }

    static func checked(
        _ result: OpaquePointer?, _ connection: OpaquePointer, query: String
    ) throws(PostgresError) -> PostgresResult {
        guard let result else { throw PostgresError(connection: connection, query: query) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_COPY_IN:
            return PostgresResult(result)
        default:
            defer { PQclear(result) }
            throw PostgresError(result: result, connection: connection, query: query)
        }
    }
}

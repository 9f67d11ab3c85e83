import Logging
import Synchronization

/// A pool of connections: opened on demand, shared first come first served, replaced when they break.
package final class PostgresPool: Sendable {
    private enum Lease: Sendable {
        case connection(PostgresConnection)
        case open
    }

    private typealias Waiter = CheckedContinuation<Lease, any Error>

    private typealias Drained = CheckedContinuation<Void, Never>
    private typealias Slots = PoolState<PostgresConnection, Waiter>

    private struct State {
        var slots: Slots
        var listeners: [PostgresListener] = []
        var drained: [Drained] = []
    }

    package let configuration: PostgresConfiguration
    let logger: Logger
    private let state: Mutex<State>

    package init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(State(slots: PoolState(maximum: configuration.maximumConnections)))
    }

    /// Runs one statement, prepared at its first use on each connection, and returns its rows.
    package func query(_ sql: String, _ parameters: [(any PostgresEncodable)?] = []) async throws -> [PostgresRow] {
        let connection = try await acquire()
        do {
            let rows = try await connection.query(sql, parameters)
            // A statement can leave a transaction open only if it was BEGIN, which has `withTransaction`.
            release(connection)
            return rows
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Runs one statement and returns the number of rows that it changed.
    @discardableResult
    package func execute(_ sql: String, _ parameters: [(any PostgresEncodable)?] = []) async throws -> Int {
        let connection = try await acquire()
        do {
            let count = try await connection.execute(sql, parameters)
            release(connection)
            return count
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Lends a connection to the body. One that is left broken or in a transaction is closed afterwards.
    nonisolated(nonsending) package func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await acquire()
        do {
            // On the connection's own thread the body's statements need no thread to wake another.
            let value = try await withTaskExecutorPreference(connection.thread) { try await body(connection) }
            await giveBack(connection)
            return value
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Runs the body between BEGIN and COMMIT; rolls back when it throws.
    ///
    /// Throws `postgres.commit_unknown` when the connection is lost around COMMIT: look before you repeat.
    nonisolated(nonsending) package func withTransaction<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection { connection in
            try await connection.transaction(body)
        }
    }

    /// The same, with statements that go to the server together with BEGIN; the body is given their results.
    nonisolated(nonsending) package func withTransaction<Value: Sendable>(
        beginningWith first: [PostgresStatement],
        _ body: (PostgresConnection, [PostgresResult]) async throws -> Value
    ) async throws -> Value {
        try await withConnection { connection in
            try await connection.transaction(beginningWith: first, body)
        }
    }

    /// Listens on the channels with a connection of its own, until the stream is dropped or the pool is shut down.
    ///
    /// Yields `.listening` each time that LISTEN has taken effect. What was sent before is lost: look for it then.
    /// Yields nothing where sessions are not one's own: polling goes on alone.
    package func listen(_ channels: String...) -> AsyncStream<PostgresNotification> {
        let (listener, stream) = PostgresListener.make(channels, configuration: configuration, logger: logger)
        let isShutdown = state.withLock { state in
            state.listeners.removeAll { $0.isStopped }
            if !state.slots.isShutdown { state.listeners.append(listener) }
            return state.slots.isShutdown
        }
        if isShutdown {
            listener.stop()
        } else if configuration.hasOwnSessions {
            listener.start()
        }
        return stream
    }

    /// Refuses new work, waits for the work under way and closes every connection.
    package func shutdown() async {
        let (idle, waiters, listeners) = state.withLock { state in
            let (idle, waiters) = state.slots.shutdown()
            defer { state.listeners = [] }
            return (idle, waiters, state.listeners)
        }
        for listener in listeners { listener.stop() }
        for waiter in waiters { waiter.resume(throwing: Self.shutdownError) }
        for connection in idle { await connection.close() }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                if !state.slots.isDrained { state.drained.append(continuation) }
                return state.slots.isDrained
            }
            if isDrained { continuation.resume() }
        }
    }

    /// How the connections are used at this moment.
    package struct Occupancy: Sendable, Hashable {
        package let idle: Int
        package let leased: Int
        /// Callers that wait for a connection.
        package let waiting: Int
        package let maximum: Int
    }

    package var occupancy: Occupancy {
        state.withLock { state in
            Occupancy(
                idle: state.slots.idle.count, leased: state.slots.leased, waiting: state.slots.waiting,
                maximum: state.slots.maximum)
        }
    }

    // MARK: - Slots

    private func acquire() async throws -> PostgresConnection {
        let deadline = ContinuousClock.now + configuration.acquireTimeout
        var grant = state.withLock { $0.slots.acquire() }
        while true {
            switch grant {
            case .reuse(let connection):
                if !connection.isReadable { return connection }
                logger.debug("the server ended an idle connection")
                await connection.close()
                return try await open(before: deadline)
            case .open:
                return try await open(before: deadline)
            case .shutdown:
                throw Self.shutdownError
            case .wait:
                guard let lease = try await wait(before: deadline) else {
                    grant = state.withLock { $0.slots.acquire() }
                    continue
                }
                switch lease {
                case .connection(let connection): grant = .reuse(connection)
                case .open: grant = .open
                }
            }
        }
    }

    /// Opens the connection of a slot that the caller holds, trying again while that may help.
    private func open(before deadline: ContinuousClock.Instant) async throws -> PostgresConnection {
        var backoff = Backoff()
        while true {
            do {
                return try await PostgresConnection.open(configuration)
            } catch {
                let wait = backoff.next()
                guard let error = error as? PostgresError, error.isTransient, ContinuousClock.now + wait < deadline
                else {
                    discardSlot()
                    throw error
                }
                logger.debug("could not connect to PostgreSQL; trying again", metadata: ["error": "\(error)"])
                do {
                    try await Task.sleep(for: wait)
                } catch {
                    discardSlot()
                    throw error
                }
            }
        }
    }

    /// Waits in the queue; nil when a slot became free before the caller stood in it.
    private func wait(before deadline: ContinuousClock.Instant) async throws -> Lease? {
        let id = Mutex<UInt64?>(nil)
        let remove: @Sendable (any Error) -> Void = { error in
            guard let id = id.withLock({ $0 }) else { return }
            self.state.withLock { $0.slots.removeWaiter(id) }?.resume(throwing: error)
        }
        // Ends with the wait, whichever way that ends; it only takes the waiter out of the queue.
        let timer = Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            remove(self.timeoutError)
        }
        defer { timer.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let place = state.withLock { state in
                        let place = state.slots.enqueue(continuation)
                        id.withLock { $0 = place }
                        return place
                    }
                    if place == nil {
                        continuation.resume(throwing: NoWaitNeeded())
                    }
                    // A cancellation that came first found no waiter to remove.
                    else if Task.isCancelled {
                        remove(CancellationError())
                    }
                }
            } onCancel: {
                remove(CancellationError())
            }
        } catch is NoWaitNeeded {
            return nil
        }
    }

    private struct NoWaitNeeded: Error {}

    private func giveBack(_ connection: PostgresConnection) async {
        if await connection.isReusable {
            release(connection)
        } else {
            await connection.close()
            discardSlot()
        }
    }

    private func release(_ connection: PostgresConnection) {
        perform { $0.release(connection) }
    }

    private func discardSlot() {
        perform { $0.discard() }
    }

    private func perform(_ change: @Sendable (inout Slots) -> Slots.Handover) {
        let (handover, drained) = state.withLock { state in
            let handover = change(&state.slots)
            guard state.slots.isShutdown, state.slots.isDrained else { return (handover, [Drained]()) }
            defer { state.drained = [] }
            return (handover, state.drained)
        }
        switch handover {
        case .none, .close: break  // an unreferenced connection closes itself
        case .give(let waiter, let connection): waiter.resume(returning: .connection(connection))
        case .letOpen(let waiter): waiter.resume(returning: .open)
        }
        for continuation in drained { continuation.resume() }
    }

    private var timeoutError: PostgresError {
        PostgresError(
            .acquireTimeout,
            "no connection became free within \(configuration.acquireTimeout): all \(configuration.maximumConnections) "
                + "are in use. Raise the number of connections or lower the concurrency")
    }

    private static var shutdownError: PostgresError { PostgresError(.shutdown, "the connection pool was shut down") }
}

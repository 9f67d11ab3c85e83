import NIOCore

extension ControlContext {
    /// Runs the body, and cancels it when the client goes away. What the request brings has to be read by then: while
    /// something of it waits to be read, the connection's end is not seen.
    ///
    /// - Parameter isWatched: false where the request came over no connection.
    /// - Throws: what the body throws; `CancellationError` where the client has gone.
    func whileClientStays<Value: Sendable>(
        isWatched: Bool, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard isWatched else { return try await body() }
        let (departure, gone) = AsyncStream<Never>.makeStream()
        let number = try await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).onDeparture { gone.finish() }
        }.get()
        guard let number else { throw CancellationError() }
        defer {
            channel.eventLoop.execute { [channel] in
                (try? channel.pipeline.syncOperations.handler(type: ConnectionGuard.self))?.forget(departure: number)
            }
        }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask {
                for await _ in departure {}
                throw CancellationError()
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

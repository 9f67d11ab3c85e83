import CLibpq
import Glibc
import Logging
import Synchronization

/// A thread that waits on LISTEN, reconnects with backoff, and can be woken to stop.
final class PostgresListener: Sendable {
    private let channels: [String]
    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let continuation: AsyncStream<PostgresNotification>.Continuation
    /// A pipe that is written to once: `poll` waits on it beside the connection. Closed by the thread.
    private let wake: Mutex<(read: Int32, write: Int32)>
    private let stopped = Atomic<Bool>(false)

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    static func make(
        _ channels: [String], configuration: PostgresConfiguration, logger: Logger
    ) -> (PostgresListener, AsyncStream<PostgresNotification>) {
        // A consumer that sleeps loses the oldest hints; the newest still tells it to look.
        let (stream, continuation) = AsyncStream.makeStream(
            of: PostgresNotification.self, bufferingPolicy: .bufferingNewest(1024))
        let listener = PostgresListener(channels, configuration, logger, continuation)
        continuation.onTermination = { _ in listener.stop() }
        return (listener, stream)
    }

    private init(
        _ channels: [String], _ configuration: PostgresConfiguration, _ logger: Logger,
        _ continuation: AsyncStream<PostgresNotification>.Continuation
    ) {
        self.channels = channels
        self.configuration = configuration
        self.logger = logger
        self.continuation = continuation
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        wake = Mutex((ends[0], ends[1]))
    }

    deinit {
        wake.withLock {
            close($0.read)
            close($0.write)
        }
    }

    func start() {
        if !BlockingThread.start({ self.run() }) {
            logger.error("the system refused a thread for LISTEN; polling goes on alone")
            stop()
        }
    }

    func stop() {
        guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        wake.withLock { _ = write($0.write, "x", 1) }
        continuation.finish()
    }

    private func run() {
        var backoff = Backoff()
        let wakeup = wake.withLock { $0.read }
        while !isStopped {
            do {
                let handle = try ConnectionHandle(configuration, isCancelled: { self.isStopped })
                try listen(handle)
                backoff = Backoff()
                continuation.yield(.listening)
                try hear(handle, wakeup)
            } catch {
                if isStopped { return }
                logger.debug("LISTEN lost its connection; reconnecting", metadata: ["error": "\(error)"])
                var descriptor = pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0)
                let wait = backoff.next()
                poll(&descriptor, 1, Int32(wait / .milliseconds(1)))
            }
        }
    }

    private func listen(_ handle: ConnectionHandle) throws {
        for channel in channels {
            let sql = "LISTEN " + PostgresConnection.quoted(channel)
            _ = try PostgresConnection.checked(PQexec(handle.pointer, sql), handle.pointer, query: sql)
        }
    }

    /// Passes notifications on until the connection is lost or the listener is stopped.
    private func hear(_ handle: ConnectionHandle, _ wakeup: Int32) throws {
        while !isStopped {
            while let notification = PQnotifies(handle.pointer) {
                continuation.yield(
                    .message(
                        channel: String(cString: notification.pointee.relname),
                        payload: String(cString: notification.pointee.extra)))
                PQfreemem(notification)
            }
            var descriptors = [
                pollfd(fd: PQsocket(handle.pointer), events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&descriptors, 2, -1) < 0, errno != EINTR { throw PostgresError(.connection, "poll failed") }
            guard PQconsumeInput(handle.pointer) == 1, !handle.isBroken else {
                throw PostgresError(connection: handle.pointer)
            }
        }
    }
}

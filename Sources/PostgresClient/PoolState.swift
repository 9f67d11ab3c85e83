/// Who holds which slot of a pool: a value that decides, while `PostgresPool` does.
///
/// A slot is the right to one connection. It is idle (with an open connection), or leased to a caller.
package struct PoolState<Connection, Waiter> {
    package enum Grant {
        /// Use this idle connection, once it proves to be alive.
        case reuse(Connection)
        /// Open a connection: a slot is yours.
        case open
        /// Wait until one is given back.
        case wait
        case shutdown
    }

    /// What the caller of a state change must tell a waiter.
    package enum Handover {
        case none
        case give(Waiter, Connection)
        case letOpen(Waiter)
        /// The connection has no place any more.
        case close(Connection)
    }

    package let maximum: Int
    package private(set) var leased = 0
    package private(set) var idle: [Connection] = []
    private var waiters: [(id: UInt64, waiter: Waiter)] = []
    private var nextID: UInt64 = 0
    package private(set) var isShutdown = false

    package init(maximum: Int) { self.maximum = maximum }

    package var waiting: Int { waiters.count }
    package var isDrained: Bool { leased == 0 && idle.isEmpty }

    package mutating func acquire() -> Grant {
        if isShutdown { return .shutdown }
        // Nobody overtakes those who wait.
        if !waiters.isEmpty { return .wait }
        if let connection = idle.popLast() {
            leased += 1
            return .reuse(connection)
        }
        guard leased < maximum else { return .wait }
        leased += 1
        return .open
    }

    /// Puts a waiter at the end of the queue; nil when there is something to grant after all.
    package mutating func enqueue(_ waiter: Waiter) -> UInt64? {
        if isShutdown || waiters.isEmpty && (!idle.isEmpty || leased < maximum) { return nil }
        nextID += 1
        waiters.append((nextID, waiter))
        return nextID
    }

    package mutating func removeWaiter(_ id: UInt64) -> Waiter? {
        waiters.firstIndex { $0.id == id }.map { waiters.remove(at: $0).waiter }
    }

    /// A connection comes back in good order.
    package mutating func release(_ connection: Connection) -> Handover {
        if isShutdown {
            leased -= 1
            return .close(connection)
        }
        if !waiters.isEmpty { return .give(waiters.removeFirst().waiter, connection) }
        leased -= 1
        idle.append(connection)
        return .none
    }

    /// A connection is gone: its slot passes to the first who waits.
    package mutating func discard() -> Handover {
        if !isShutdown, !waiters.isEmpty { return .letOpen(waiters.removeFirst().waiter) }
        leased -= 1
        return .none
    }

    /// No more grants; returns the connections to close and the waiters to refuse.
    package mutating func shutdown() -> (idle: [Connection], waiters: [Waiter]) {
        isShutdown = true
        defer {
            idle = []
            waiters = []
        }
        return (idle, waiters.map(\.waiter))
    }
}

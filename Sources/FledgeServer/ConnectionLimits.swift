import FledgeAPI
import Glibc
import Synchronization

/// How many connections a door takes, and how long one may say nothing.
package struct ConnectionLimits: Hashable, Sendable {
    /// Open connections in all; nil where there is no limit. More wait in the kernel until one is closed.
    package var total: Int?
    /// Open connections of one address.
    package var perAddress: Int
    /// From a connection's beginning to the end of its first request's headers.
    package var headers: Duration
    /// From the end of a request's headers to its last byte, and a second more for each ``bodyRate`` bytes that came.
    package var body: Duration
    /// In bytes a second.
    static let bodyRate = SubmissionHeader.slowestRate
    /// Between a response and the next request.
    package var idle: Duration

    package init(total: Int?, perAddress: Int, headers: Duration, body: Duration, idle: Duration) {
        self.total = total
        self.perAddress = perAddress
        self.headers = headers
        self.body = body
        self.idle = idle
    }

    /// For the TCP address: a quarter of the files that the process may open at the most, so that what is left is enough for the
    /// Unix socket, the database and model servers.
    package static var network: ConnectionLimits {
        let files = max(64, sysconf(Int32(_SC_OPEN_MAX)))
        let total = min(128, files / 4)
        return ConnectionLimits(
            total: total, perAddress: max(8, total / 4), headers: .seconds(10), body: .seconds(120), idle: .seconds(75))
    }

    /// For the Unix socket, which is the operator's: whoever reaches it may steer everything anyhow.
    package static let socket = ConnectionLimits(
        total: nil, perAddress: .max, headers: .seconds(30), body: .seconds(600), idle: .seconds(300))
}

/// How many connections each address has.
final class AddressRegister: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Returns: false where the address has enough.
    func enter(_ address: String) -> Bool {
        counts.withLock { counts in
            let count = counts[address, default: 0]
            guard count < limit else { return false }
            counts[address] = count + 1
            return true
        }
    }

    func leave(_ address: String) {
        counts.withLock { counts in
            let count = counts[address, default: 0] - 1
            counts[address] = count > 0 ? count : nil
        }
    }
}

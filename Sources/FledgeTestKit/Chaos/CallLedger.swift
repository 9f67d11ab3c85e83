import Foundation
import Synchronization

/// Every call that a stub model server was asked, by whom and when: what was paid, as the provider sees it.
package final class CallLedger: Sendable {
    package struct Call: Sendable, Hashable {
        package var key: String
        /// The number of the daemon that made it.
        package var daemon: Int
        package var began: Date
        /// When its answer went out; nil when it never did.
        package var answered: Date?

        package init(key: String, daemon: Int, began: Date, answered: Date?) {
            self.key = key
            self.daemon = daemon
            self.began = began
            self.answered = answered
        }
    }

    private let log = Mutex<[Call]>([])

    package init() {}

    package var calls: [Call] { log.withLock { $0 } }
    package var count: Int { log.withLock { $0.count } }

    /// - Returns: the call's number, for `answered`.
    func began(_ key: String, daemon: Int) -> Int {
        log.withLock { log in
            log.append(Call(key: key, daemon: daemon, began: Date(), answered: nil))
            return log.count - 1
        }
    }

    func answered(_ number: Int) { log.withLock { $0[number].answered = Date() } }

    /// What tells one question from another: the model and every message.
    package static func key(model: String, messages: [String]) -> String {
        ([model] + messages).joined(separator: "\n")
    }
}

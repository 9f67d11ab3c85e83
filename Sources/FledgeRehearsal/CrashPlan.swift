import FledgeEngine
import Glibc
import Synchronization

/// Ends this process, or holds it up, at the n-th arrival at a point.
final class CrashPlan: Sendable {
    private let point: CrashPoint
    private let signal: Int32
    private let left: Atomic<Int>

    /// - Parameter text: `PLACE:N` for a SIGKILL, `PLACE:N:stop` for a SIGSTOP; nil where it is neither.
    init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count >= 2, let point = CrashPoint(rawValue: String(parts[0])), let count = Int(parts[1]) else {
            return nil
        }
        self.point = point
        signal = parts.dropFirst(2).first == "stop" ? SIGSTOP : SIGKILL
        left = Atomic(count)
    }

    func reached(_ point: CrashPoint) {
        guard point == self.point, left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
        // To this thread: what is sent to the process may stop another one first, and this one a few steps further on.
        raise(signal)
    }
}

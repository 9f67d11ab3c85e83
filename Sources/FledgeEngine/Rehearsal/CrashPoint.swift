#if DEBUG
    import Foundation
    import Glibc
    import Synchronization
#endif

/// A place in the code where a rehearsal of crashes ends this process, or holds it up, at its n-th arrival.
///
/// Nothing of it is left in a release build: `reached` is empty there. A debug build looks at `FLEDGE_CRASH_AT`, which
/// holds `PLACE:N` for a SIGKILL and `PLACE:N:stop` for a SIGSTOP.
package enum CrashPoint: String, CaseIterable, Sendable {
    case beforeClaim = "before-claim"
    /// Claimed, and nothing of it begun.
    case claimed
    case answersUnwritten = "answers-unwritten"
    case answersWritten = "answers-written"
    /// Everything of a transition is sent but its COMMIT.
    case beforeCommit = "before-commit"
    case committed
    case beforeSubmission = "before-submission"
    /// The provider has the job, and the database does not know.
    case jobAccepted = "job-accepted"
    /// The report's files are there, and the database does not know.
    case reportUnstored = "report-unstored"
    /// A definition is stored, and no cycle is opened.
    case definitionStored = "definition-stored"
    case cycleOpened = "cycle-opened"

    package static let variable = EnvironmentVariable.crashPoint.rawValue

    @inline(__always)
    package func reached() {
        #if DEBUG
            CrashPlan.shared?.reached(self)
        #endif
    }
}

#if DEBUG
    /// What the variable asks for.
    private final class CrashPlan: Sendable {
        static let shared = CrashPlan(ProcessInfo.processInfo.environment[CrashPoint.variable] ?? "")

        private let point: CrashPoint
        private let signal: Int32
        private let left: Atomic<Int>

        private init?(_ text: String) {
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
#endif

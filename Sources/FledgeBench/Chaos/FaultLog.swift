import FledgeTestKit
import Foundation
import Synchronization

/// What was done to the daemons of a run, and how often.
final class FaultLog: Sendable {
    private struct State {
        var interruptions: [RunRecord.Interruption] = []
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())

    var interruptions: [RunRecord.Interruption] { state.withLock { $0.interruptions } }

    func note(_ kind: RunRecord.Interruption.Kind, daemon: Int?, from: Date, to: Date) {
        state.withLock { $0.interruptions.append(.init(kind, daemon: daemon, from: from, to: to)) }
    }

    func count(_ what: String, _ number: Int = 1) { state.withLock { $0.counts[what, default: 0] += number } }

    func counted(_ what: String) -> Int { state.withLock { $0.counts[what] ?? 0 } }
}

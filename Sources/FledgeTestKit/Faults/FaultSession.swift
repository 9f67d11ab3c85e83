import Foundation
import Synchronization

/// One base address of the fault server: its mode, where in a use case the fault is met, and what was asked there.
package final class FaultSession: Sendable {
    /// Where in a use case the fault is met.
    package enum Place: String, Sendable, CaseIterable {
        case start, middle, holdout, judge, reflection
    }

    private struct State {
        var isMended = false
        var holdout: Set<Int> = []
        /// Rows that alone are hit, where given.
        var onlyRows: Set<Int>?
        var calls = 0
        var hits = 0
        var tries: [String: Int] = [:]
        /// How often a sound answer to the question went out.
        var answers: [String: Int] = [:]
        var repeated = 0
        var window: (minute: Int, calls: Int) = (0, 0)
    }

    package let name: String
    package let mode: FaultMode
    package let place: Place
    /// Answers that are sound: the letter for a row.
    private let label: @Sendable (Int) -> String
    /// Seconds of what a limit calls a minute.
    private let minute: Double
    private let state = Mutex(State())

    /// How many questions are answered before a fault in the middle.
    package static let middle = 10
    /// How long a fault is held back, in seconds: what was answered before has arrived by then.
    private static let delay = 0.03

    init(
        name: String, mode: FaultMode, place: Place, minute: Double, label: @escaping @Sendable (Int) -> String
    ) {
        self.minute = minute
        self.name = name
        self.mode = mode
        self.place = place
        self.label = label
    }

    /// The cause is gone from now on.
    package func mend() { state.withLock { $0.isMended = true } }
    /// The numbers of the rows that are held out.
    package func set(holdout rows: Set<Int>) { state.withLock { $0.holdout = rows } }
    /// Hits no row but these.
    package func hit(only rows: Set<Int>) { state.withLock { $0.onlyRows = rows } }

    package var calls: Int { state.withLock(\.calls) }
    /// Calls that met the fault.
    package var hits: Int { state.withLock(\.hits) }
    /// Sound answers that went out.
    package var answered: Int { state.withLock { $0.answers.values.reduce(0, +) } }
    /// Sound answers to a question that had one already: what was answered and lost.
    package var repeated: Int { state.withLock(\.repeated) }
    /// How often the question that was asked most often was asked.
    package var mostTries: Int { state.withLock { $0.tries.values.max() ?? 0 } }

    // MARK: - Answering

    func respond(to call: FaultCall) -> StubHTTPServer.Response {
        let isHit = state.withLock { state in
            state.calls += 1
            state.tries[call.question, default: 0] += 1
            let isHit = isMet(call, &state)
            if isHit { state.hits += 1 }
            return isHit
        }
        if isHit {
            Thread.sleep(forTimeInterval: Self.delay)
            return mode.reply.response(right: right(call))
        }
        state.withLock { state in
            if state.answers[call.question] != nil { state.repeated += 1 }
            state.answers[call.question, default: 0] += 1
        }
        return FaultReply.answer().response(right: right(call))
    }

    func models() -> StubHTTPServer.Response {
        let isMended = state.withLock(\.isMended)
        if !isMended, let reply = mode.models { return reply.response(right: "") }
        return FaultReply(200, #"{"object":"list","data":[{"id":"m","object":"model","owned_by":"stub"}]}"#)
            .response(right: "")
    }

    private func isMet(_ call: FaultCall, _ state: inout State) -> Bool {
        guard !state.isMended, mode.condition.holds(for: call) else { return false }
        switch place {
        case .start: break
        case .middle: guard call.kind == .answer, state.answers.count >= Self.middle else { return false }
        case .holdout: guard call.kind == .answer, state.holdout.contains(call.row ?? -1) else { return false }
        case .judge: guard call.kind == .judge else { return false }
        case .reflection: guard call.kind == .reflection else { return false }
        }
        if let rows = state.onlyRows { return rows.contains(call.row ?? -1) }
        switch mode.reach {
        case .every: return true
        case .nth(let step): return state.calls % step == 0
        case .first(let tries): return state.tries[call.question, default: 0] <= tries
        case .rows(let step): return (call.row ?? 1) % step == 0
        case .after(let count): return state.calls > count
        case .perMinute(let count):
            let minute = Int(Date().timeIntervalSince1970 / self.minute)
            if state.window.minute != minute { state.window = (minute, 0) }
            state.window.calls += 1
            return state.window.calls > count
        }
    }

    /// The text of a sound answer, as it stands between quotes in JSON.
    private func right(_ call: FaultCall) -> String {
        switch call.kind {
        case .judge: return #"{\"reason\":\"It is.\",\"verdict\":\"pass\"}"#
        case .reflection: return "<instruction>Say the letter that belongs to the number.</instruction>"
        case .answer:
            let letter = label(call.row ?? 0)
            return call.members.contains("response_format") ? #"{\"answer\":\"\#(letter)\"}"# : letter
        }
    }
}

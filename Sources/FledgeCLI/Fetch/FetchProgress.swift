import FledgeCore
import Foundation
import Synchronization

/// How far a fetch is: at a terminal one line that is drawn over, else a line every ten seconds.
final class FetchProgress: Sendable {
    private struct State {
        var file = ""
        /// Bytes in all, and of these there.
        var total: Int64 = 0
        var done: Int64 = 0
        /// Bytes that came in this run.
        var received: Int64 = 0
        var start: ContinuousClock.Instant?
        var shown: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let isTerminal: Bool
    private let now: @Sendable () -> ContinuousClock.Instant
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes text with its line ends.
    init(
        isTerminal: Bool = Console.isErrorTerminal, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        write: @escaping @Sendable (String) -> Void = { Console.errorRaw($0) }
    ) {
        self.isTerminal = isTerminal
        self.now = now
        self.write = write
    }

    /// - Parameters: both in bytes.
    func begin(total: Int64, present: Int64) {
        state.withLock {
            $0.total = total
            $0.done = present
            $0.start = now()
        }
    }

    func file(_ name: String) { state.withLock { $0.file = name } }

    /// Bytes that have come over the network.
    func received(_ count: Int) {
        let line = state.withLock { state -> String? in
            state.received += Int64(count)
            state.done += Int64(count)
            let instant = now()
            let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(10)
            guard (state.shown ?? state.start ?? instant).duration(to: instant) >= pause else { return nil }
            state.shown = instant
            return Self.line(state, at: instant)
        }
        if let line { write(isTerminal ? "\r\u{1B}[K\(line)" : line + "\n") }
    }

    /// Bytes that were there and are to be fetched again, below zero.
    func took(_ count: Int64) { state.withLock { $0.done += count } }

    /// A line of its own.
    func notice(_ text: String) { write((isTerminal ? "\r\u{1B}[K" : "") + InertText.line(text) + "\n") }

    func end() {
        let isDrawn = state.withLock { $0.shown != nil }
        if isTerminal, isDrawn { write("\r\u{1B}[K") }
    }

    /// `model.safetensors: 2.1 GB of 15.2 GB, 84.0 MB/s, 2 min 36 s left`
    private static func line(_ state: State, at instant: ContinuousClock.Instant) -> String {
        var parts = ["\(ValueText.bytes(state.done)) of \(ValueText.bytes(state.total))"]
        let (seconds, attoseconds) = (state.start ?? instant).duration(to: instant).components
        let span = Double(seconds) + Double(attoseconds) / 1e18
        if span > 0, state.received > 0 {
            let rate = Double(state.received) / span
            parts.append("\(ValueText.bytes(Int64(saturating: rate)))/s")
            parts.append("\(ValueText.span(Double(max(0, state.total - state.done)) / rate)) left")
        }
        return InertText.line("\(state.file): \(parts.joined(separator: ", "))", limit: 300)
    }
}

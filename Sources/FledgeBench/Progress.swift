import FledgeCore
import Foundation

/// Lines for the person who waits, on standard error: the figures alone go to standard output.
enum Progress {
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// `312/1000 kills, 3.4/s, 202 s to go`.
    static func rate(_ done: Int, of all: Int, _ what: String, since start: ContinuousClock.Instant) -> String {
        let seconds = start.duration(to: .now) / .seconds(1)
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let left = rate > 0 ? Int(Double(all - done) / rate) : 0
        return "\(done)/\(all) \(what), \(rate.formatted(decimals: 1))/s, \(left) s to go"
    }
}

import CurlClient
import FledgeCore
import Foundation

/// When a call to a model server is made again.
extension RetryPolicy {
    /// A server that asks for a longer pause than this is treated as overloaded now.
    static let longestObeyed = Duration.seconds(60)
    /// The same of one that takes only so many calls in a time.
    static let longestObeyedRate = Duration.seconds(600)

    /// The pause before the next call, or nil to give up. The server's own wish comes first; else it doubles from
    /// `base` with full jitter (`random` in 0…1), so that callers which failed together don't come back together.
    ///
    /// - Parameter now: what a date in the server's wish is measured from, where the answer has no `Date` of its own.
    func pause(afterAttempt attempt: Int, headers: HTTPHeaders?, random: Double, now: Date) -> Duration? {
        guard attempt < attempts else { return nil }
        if let headers, let wish = Self.wish(headers, now: now) { return wish <= Self.longestObeyed ? wish : nil }
        return pause(afterAttempt: attempt, random: random)
    }

    /// `retry-after-ms`, or else `Retry-After` as seconds or as a date (RFC 9110 §10.2.3).
    static func wish(_ headers: HTTPHeaders, now: Date) -> Duration? {
        if let text = headers["retry-after-ms"], let value = Double(text), value >= 0 {
            return .milliseconds(Int64(saturating: min(value, 1e9)))
        }
        guard let text = headers["retry-after"] else { return nil }
        if let value = Double(text), value >= 0 { return .milliseconds(Int64(saturating: min(value * 1000, 1e9))) }
        guard let date = HTTPDate(text) else { return nil }
        // By the server's own clock where it told it: two clocks seldom agree to the second.
        if let sent = headers["date"].flatMap(HTTPDate.init) {
            return .seconds(max(0, date.secondsSince1970 - sent.secondsSince1970))
        }
        let seconds = max(0, min(Double(date.secondsSince1970) - now.timeIntervalSince1970, 1e6))
        return .milliseconds(Int64(saturating: seconds * 1000))
    }
}

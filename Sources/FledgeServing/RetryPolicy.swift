import CurlClient

/// When a call is made again, and after how long.
package struct RetryPolicy: Sendable {
    /// Calls in all, the first included.
    package var attempts: Int
    package var base: Duration
    package var cap: Duration
    /// A server that asks for a longer pause than this is treated as overloaded now.
    package var longestObeyed: Duration

    package init(
        attempts: Int = 5, base: Duration = .milliseconds(250), cap: Duration = .seconds(20),
        longestObeyed: Duration = .seconds(60)
    ) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.longestObeyed = longestObeyed
    }

    static func isRetried(status: Int) -> Bool { [408, 409, 429].contains(status) || status >= 500 }

    /// The pause before the next call, or nil to give up. The server's own wish comes first; else it doubles from
    /// `base` with full jitter (`random` in 0…1), so that callers which failed together don't come back together.
    func pause(afterAttempt attempt: Int, headers: HTTPHeaders?, random: Double) -> Duration? {
        guard attempt < attempts else { return nil }
        if let headers, let wish = Self.wish(headers) { return wish <= longestObeyed ? wish : nil }
        let doubled = base * (1 << min(attempt - 1, 20))
        return min(doubled, cap) * random
    }

    private static func wish(_ headers: HTTPHeaders) -> Duration? {
        if let text = headers["retry-after-ms"], let value = Double(text), value >= 0 {
            return .milliseconds(Int64(min(value, 1e9)))
        }
        // The date form is rare and needs both clocks to agree: it falls back to the doubling pause.
        if let text = headers["retry-after"], let value = Double(text), value >= 0 {
            return .milliseconds(Int64(min(value * 1000, 1e9)))
        }
        return nil
    }
}

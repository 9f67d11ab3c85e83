import FledgeDocument
import Foundation

/// What a use case may spend in one period, and where that stands.
package struct SpendAccount: Codable, Hashable, Sendable {
    package var period: ForecastPeriod
    /// The IANA time zone in which the period begins.
    package var zone: String
    package var startsAt: Date
    package var endsAt: Date
    package var cap: SpendCap
    /// Set aside for calls that are about to be made, or under way.
    package var reserved: SpendAmount
    /// Paid, by what servers said.
    package var settled: SpendAmount
    /// Counted as paid, because nobody can say whether it was: calls that a crash or a lost connection cut off.
    package var presumed: SpendAmount

    package init(
        period: ForecastPeriod, zone: String, startsAt: Date, endsAt: Date, cap: SpendCap,
        reserved: SpendAmount = .zero, settled: SpendAmount = .zero, presumed: SpendAmount = .zero
    ) {
        self.period = period
        self.zone = zone
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.cap = cap
        self.reserved = reserved
        self.settled = settled
        self.presumed = presumed
    }

    package var used: SpendAmount { settled + presumed + reserved }

    /// How many calls, each of at most that size, there is room for.
    ///
    /// - Returns: 0 up to `limit`.
    package func room(for call: SpendAmount, atMost limit: Int64) -> Int64 {
        let used = used
        let bounds = [
            (cap.calls, used.calls, call.calls), (cap.tokens, used.tokens, call.tokens),
            (cap.costMicroDollars, used.costMicroDollars, call.costMicroDollars),
        ]
        return bounds.reduce(max(0, limit)) { room, bound in
            guard let cap = bound.0, bound.2 > 0 else { return room }
            return min(room, max(0, cap.saturatingDifference(bound.1)) / bound.2)
        }
    }

    /// Whether anything that is set aside may come back.
    package var mayFreeUp: Bool { reserved != .zero }

    /// Why a call of that size was not made, and what to do.
    package func exhaustion(by call: SpendAmount) -> FledgeError {
        let bounds: [(Int64?, Int64, Int64, (Int64) -> String)] = [
            (cap.costMicroDollars, used.costMicroDollars, call.costMicroDollars, Self.dollars),
            (cap.calls, used.calls, call.calls, { "\($0) calls" }),
            (cap.tokens, used.tokens, call.tokens, { "\($0) tokens" }),
        ]
        let full = bounds.compactMap { cap, used, next, words -> String? in
            guard let cap, cap.saturatingDifference(used) < next else { return nil }
            return "\(words(used)) of \(words(cap)) are used, and the next call may take \(words(next))"
        }
        return FledgeError(
            "spend.cap_reached",
            "the cap of this \(period.rawValue) is reached: " + full.joined(separator: "; ")
                + ". The next \(period.rawValue) begins at \(endsAt.formatted(.iso8601))",
            hint:
                "it goes on by itself then; to go on at once, raise Spend in the definition and fledge apply")
    }

    private static func dollars(_ microDollars: Int64) -> String {
        let text = (Double(microDollars) / 1_000_000)
            .formatted(
                .number.precision(.fractionLength(2...6)).grouping(.never)
                    .locale(.init(identifier: "en_US_POSIX")))
        return "$" + text
    }
}

/// What `fledge spend` shows of a use case.
package struct UseCaseSpend: Codable, Hashable, Sendable {
    package var name: String
    /// Everything that was paid so far, in all cycles.
    package var total: SpendAmount
    /// Of that, what no server counted: the most that its calls can have used. Nil from a daemon that does not say.
    package var presumed: SpendAmount?
    /// The period under way; nil where the definition caps nothing.
    package var account: SpendAccount?

    package init(name: String, total: SpendAmount, account: SpendAccount?, presumed: SpendAmount? = nil) {
        self.presumed = presumed
        self.name = name
        self.total = total
        self.account = account
    }
}

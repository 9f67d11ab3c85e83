import Foundation
import PostgresClient
import Synchronization

/// How many transitions there are, looked at twice a second.
final class TransitionMeter: Sendable {
    private struct Point {
        var at: ContinuousClock.Instant
        var transitions: Int
    }

    private static let interval = Duration.milliseconds(500)
    private let pool: PostgresPool
    private let points = Mutex<[Point]>([])

    init(_ pool: PostgresPool) { self.pool = pool }

    /// Runs until cancelled.
    func run() async {
        while !Task.isCancelled {
            if let row = try? await pool.query("SELECT count(*) AS n FROM transition").first,
                let count = try? row.get("n", as: Int.self)
            {
                points.withLock { $0.append(Point(at: .now, transitions: count)) }
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    var transitions: Int { points.withLock { $0.last?.transitions ?? 0 } }

    /// Transitions a second over the last `window`, of what came after `start`; nil before that much has passed.
    func rate(over window: Duration, since start: ContinuousClock.Instant) -> Double? {
        points.withLock { points in
            guard let last = points.last,
                let first = points.last(where: { $0.at <= last.at - window && $0.at >= start })
            else { return nil }
            return Double(last.transitions - first.transitions) / (first.at.duration(to: last.at) / .seconds(1))
        }
    }
}

/// Waiting times that double up to a limit, each with jitter so that clients don't return in step.
struct Backoff {
    private var ceiling: Duration
    private let limit: Duration

    init(first: Duration = .milliseconds(50), limit: Duration = .seconds(2)) {
        ceiling = first
        self.limit = limit
    }

    mutating func next() -> Duration {
        let wait = ceiling * Double.random(in: 0.5...1)
        ceiling = min(ceiling * 2, limit)
        return wait
    }
}

/// How fast calls may begin at a server that takes only so many in a time: learnt from its refusals and successes.
///
/// After a refusal nobody begins until the server's own wish is over, or a pause that doubles from one second; then one call
/// tries. Once that is answered, calls begin apart from each other. By how much is at first the time that a call had on
/// average since the window's first success, the pause included, which is what the server allows at least; later each
/// success brings them a little nearer to each other, and each refusal apart, the further the fewer succeeded before it.
struct RatePace {
    typealias Instant = ContinuousClock.Instant

    private struct Pause {
        var begin: Instant
        var until: Instant
        var refusals: Int
    }

    /// Most limits are of a minute.
    private static let window = Duration.seconds(60)
    private static let firstPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(75)
    /// Calls nearer to each other than this need no spacing.
    private static let least = Duration.milliseconds(5)
    /// What a success takes off the spacing.
    private static let nearer = 0.98
    /// So many refusals in a row say that the spacing is not known after all.
    private static let refusalsToRelearn = 3
    private static let longestSpacing = Duration.seconds(30)
    private static let maximumStarts = 4096

    private var pause: Pause?
    private(set) var spacing: Duration?
    private var next: Instant?
    /// When the calls of the last window began that were answered.
    private var starts: [Instant] = []
    private var lastSuccess: Instant?
    private var successesSincePause = 0
    /// Counts the pauses: a refusal of a call that began before a pause says nothing new.
    private(set) var generation = 0

    var isPaused: Bool { pause != nil }

    /// How long a call has to wait that wants to begin; nil: no longer. A call that waits has its turn when it asks again.
    mutating func wait(at now: Instant) -> Duration? {
        if let pause { return pause.until > now ? now.duration(to: pause.until) : nil }
        guard let next, next > now else { return nil }
        return now.duration(to: next)
    }

    /// A call begins.
    mutating func begin(at now: Instant) {
        if let spacing { next = max(now, next ?? now) + spacing }
    }

    mutating func succeeded(begun: Instant, generation own: Int, at now: Instant) {
        lastSuccess = now
        successesSincePause += 1
        starts.append(begun)
        if starts.count > Self.maximumStarts { starts.removeFirst(Self.maximumStarts / 2) }
        if let pause {
            guard own == generation else { return }
            learn(from: pause, probe: begun)
            self.pause = nil
            next = now + (spacing ?? .zero)
        } else if let spacing {
            self.spacing = spacing * Self.nearer < Self.least ? nil : spacing * Self.nearer
            forget(before: now)
        }
    }

    /// - Parameters:
    ///   - wish: how long the server asks to be left alone.
    ///   - jitter: 0…1; daemons that were refused together don't come back together.
    mutating func refused(generation own: Int, wish: Duration?, jitter: Double, at now: Instant) {
        guard own == generation else {
            if let wish, let pause, now + wish > pause.until { self.pause?.until = now + wish }
            return
        }
        generation += 1
        if pause == nil { forget(before: now) }
        let refusals = (pause?.refusals ?? 0) + 1
        let doubled = min(
            max(Self.firstPause, spacing ?? .zero) * (1 << min(refusals - 1, 8)), Self.longestPause)
        let length = wish ?? doubled * (1 + 0.1 * jitter)
        pause = Pause(begin: pause?.begin ?? now, until: now + max(length, .milliseconds(1)), refusals: refusals)
    }

    /// How long nothing has succeeded while the server takes no more.
    func barren(at now: Instant) -> Duration {
        guard let pause else { return .zero }
        return max(pause.begin, lastSuccess ?? pause.begin).duration(to: now)
    }

    /// Somebody gave up: who comes next has its own patience.
    mutating func restartPatience(at now: Instant) { pause?.begin = now }

    private mutating func learn(from pause: Pause, probe: Instant) {
        let before = starts.filter { $0 < probe }
        let first = before.min() ?? pause.begin
        let learnt = first.duration(to: probe) / max(1, before.count)
        // Where nothing succeeded, others may have used up all there was.
        let average = before.isEmpty ? min(learnt, .seconds(2)) : learnt
        var next = spacing.map { $0 * apart } ?? average
        if pause.refusals >= Self.refusalsToRelearn { next = max(next, average) }
        spacing = min(next, Self.longestSpacing)
        starts = [probe]
        successesSincePause = 1
    }

    /// What a pause puts onto the spacing: a refusal after many successes may have had another cause.
    private var apart: Double {
        switch successesSincePause {
        case ...2: 1.4
        case 3: 1.2
        default: 1.1
        }
    }

    private mutating func forget(before now: Instant) { starts.removeAll { $0 + Self.window < now } }
}

import FledgeCore

/// Asks a daemon that may be restarted meanwhile: a question that finds none is asked again until one answers.
///
/// The first question of all is asked once: where no daemon runs, there is nothing to wait for.
struct Reconnection {
    /// So long after its last answer a daemon is given up.
    static let patience = Duration.seconds(600)
    /// Between two questions, doubled each time.
    static let pauses = (first: Duration.milliseconds(250), longest: Duration.seconds(5))

    private let now: () -> ContinuousClock.Instant
    private let pause: (Duration) async throws -> Void
    private let say: (String) -> Void
    private var hasAnswered = false
    /// How often the daemon was away.
    private(set) var outages = 0

    init(
        now: @escaping () -> ContinuousClock.Instant = { .now },
        pause: @escaping (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        say: @escaping (String) -> Void = Console.error
    ) {
        self.now = now
        self.pause = pause
        self.say = say
    }

    /// - Parameter deadline: it counts on while nobody answers.
    /// - Throws: what the daemon says; `daemon.…` when none has answered for the whole patience, or at the deadline.
    mutating func ask<Answer>(
        until deadline: ContinuousClock.Instant? = nil, _ question: () async throws -> Answer
    ) async throws -> Answer {
        var lost: ContinuousClock.Instant?
        var next = Self.pauses.first
        while true {
            do {
                let answer = try await question()
                if lost != nil { say("fledge: the daemon answers again") }
                hasAnswered = true
                return answer
            } catch let error as FledgeError where hasAnswered && error.meansNoDaemon {
                let since = lost ?? now()
                if lost == nil {
                    outages += 1
                    say(
                        "fledge: \(InertText.line(error.message)); asking again for \(ValueText.span(Self.patience / .seconds(1)))"
                    )
                }
                lost = since
                let end = min(since + Self.patience, deadline ?? since + Self.patience)
                guard now() < end else { throw error }
                try await pause(min(next, now().duration(to: end)))
                next = min(next * 2, Self.pauses.longest)
            }
        }
    }
}

extension FledgeError {
    /// Whether another daemon, or the same one a little later, may answer: what a person did wrong stays wrong.
    fileprivate var meansNoDaemon: Bool { disposition == .transient }
}

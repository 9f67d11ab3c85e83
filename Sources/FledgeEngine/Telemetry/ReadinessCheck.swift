import FledgeCore

/// Looks whether the parts that a daemon can't do without are there.
package struct ReadinessCheck: Sendable {
    /// The age from which a loop's last round counts as too long ago; a round of a healthy loop takes less.
    package static let longestRound = Duration.seconds(30)
    private static let patience = Duration.seconds(2)

    private let database: Cached<String?>
    private let pulses: [(name: String, pulse: Pulse)]

    /// - Parameters:
    ///   - pulses: the loops that have to go round.
    ///   - ping: asks the database something small. It is asked once a second at most, however many look.
    package init(pulses: [(name: String, pulse: Pulse)], ping: @escaping @Sendable () async throws -> Void) {
        self.pulses = pulses
        database = Cached(for: .seconds(1)) {
            do {
                try await ping()
                return nil
            } catch let error as FledgeError {
                return error.code.rawValue
            } catch {
                return "database.unreachable"
            }
        }
    }

    package func look() async -> Readiness {
        let answer = await database.value(within: Self.patience)
        var parts = [Readiness.Part(name: "database", problem: answer ?? "database.no_answer")]
        if case .some(nil) = answer { parts[0] = Readiness.Part(name: "database", problem: nil) }
        for (name, pulse) in pulses {
            let problem: String? =
                switch pulse.age {
                case nil: "\(name).not_started"
                case let age? where age > Self.longestRound: "\(name).stalled"
                default: nil
                }
            parts.append(Readiness.Part(name: name, problem: problem))
        }
        return Readiness(parts)
    }
}

/// What a round of a search found out, besides the scores.
package struct SearchFinding: Codable, Hashable, Sendable {
    /// A candidate that was proposed and not tried.
    package struct Refusal: Codable, Hashable, Sendable {
        package var name: String
        package var operation: String
        package var reason: String

        package init(name: String, operation: String, reason: String) {
            self.name = name
            self.operation = operation
            self.reason = reason
        }
    }

    /// What the race saved.
    package struct Saving: Codable, Hashable, Sendable {
        package var candidates: Int
        package var examples: Int
        /// Calls that the race took; answers out of the response cache are among them.
        package var calls: Int
        /// Calls that every candidate on every example would have taken.
        package var exhaustiveCalls: Int
        package var winner: CandidateID?
        package var dropped: [Race.Dropped]

        package init(
            candidates: Int, examples: Int, calls: Int, exhaustiveCalls: Int, winner: CandidateID?,
            dropped: [Race.Dropped]
        ) {
            self.candidates = candidates
            self.examples = examples
            self.calls = calls
            self.exhaustiveCalls = exhaustiveCalls
            self.winner = winner
            self.dropped = dropped
        }
    }

    /// Asked in the first round.
    package var headroom: Headroom?
    package var pareto: ParetoBound?
    package var race: Saving?
    package var refused: [Refusal]
    /// The budget ended the round before the race was decided.
    package var isBudgetSpent: Bool

    package init(
        headroom: Headroom? = nil, pareto: ParetoBound? = nil, race: Saving? = nil, refused: [Refusal] = [],
        isBudgetSpent: Bool = false
    ) {
        self.headroom = headroom
        self.pareto = pareto
        self.race = race
        self.refused = refused
        self.isBudgetSpent = isBudgetSpent
    }

    /// What there is to say of one candidate.
    package func note(on candidate: CandidateID) -> String? {
        var notes: [String] = []
        if let headroom, headroom.baseline == candidate { notes.append(headroom.statement) }
        if let dropped = race?.dropped.first(where: { $0.candidate == candidate }) {
            let scores = "\(dropped.score.formatted(decimals: 3)) against \(dropped.leaderScore.formatted(decimals: 3))"
            notes.append("dropped after \(dropped.examples): \(scores)")
        }
        if let race, race.winner == candidate {
            notes.append("won with \(race.calls) of \(race.exhaustiveCalls) calls")
        }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }
}

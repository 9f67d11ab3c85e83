/// Finds the best of several candidates without scoring all of them on every example.
///
/// All candidates in the race are asked about the same examples, block by block, so that scores are compared in pairs and
/// an example's difficulty cancels out; who is behind drops out as the schedule says, and also as soon as it can no longer
/// catch up. A candidate that is kept (the incumbent) stays until it is proven to be worse than the leader, by an anytime-valid
/// bound on their paired differences. The race is a pure function of the recorded scores:
/// after a crash the same scores give the same next block.
package struct Race: Sendable {
    package typealias Scores = [CandidateID: [ExampleID: Double]]

    /// A question that the race asks next.
    package struct Call: Hashable, Sendable {
        package var candidate: CandidateID
        package var example: ExampleID

        package init(candidate: CandidateID, example: ExampleID) {
            self.candidate = candidate
            self.example = example
        }
    }

    /// A candidate that dropped out, after so many examples.
    package struct Dropped: Codable, Hashable, Sendable {
        package var candidate: CandidateID
        package var examples: Int
        /// Its mean and the leader's on the examples that both were scored on.
        package var score: Double
        package var leaderScore: Double

        package init(candidate: CandidateID, examples: Int, score: Double, leaderScore: Double) {
            self.candidate = candidate
            self.examples = examples
            self.score = score
            self.leaderScore = leaderScore
        }
    }

    package enum Step: Hashable, Sendable {
        /// These calls are missing in the current block: candidate after candidate.
        case score([Call])
        case finished(winner: CandidateID)
    }

    /// Where a race stands.
    package struct Standing: Hashable, Sendable {
        package var step: Step
        /// In the order of their scores, the leader first.
        package var alive: [CandidateID]
        package var dropped: [Dropped]
        /// Examples on which all that are alive have been compared.
        package var compared: Int
    }

    package let candidates: [CandidateID]
    package let kept: Set<CandidateID>
    package let examples: [ExampleID]
    package let schedule: RaceSchedule

    /// - Parameters:
    ///   - candidates: at least one, in the order in which calls are made: those with the same beginning together. On equal
    ///     scores the earlier one is ahead.
    ///   - kept: candidates that drop out on proof alone.
    ///   - known: how many of the kept are scored on every example already.
    ///   - examples: in the order in which they are asked about.
    package init(
        candidates: [CandidateID], kept: Set<CandidateID>, known: Int = 0, examples: [ExampleID],
        maximumCalls: Int = .max, settings: RaceSchedule.Settings = RaceSchedule.Settings()
    ) {
        self.candidates = candidates
        self.kept = kept
        self.examples = examples
        schedule = RaceSchedule(
            candidates: candidates.count, examples: examples.count, kept: kept.count, known: known,
            maximumCalls: maximumCalls, settings: settings)
    }

    /// Replays the race from the scores that there are, up to what is missing.
    package func standing(_ scores: Scores) -> Standing {
        var alive = candidates
        var dropped: [Dropped] = []
        var totals = [CandidateID: Double](minimumCapacity: candidates.count)
        let order = Dictionary(uniqueKeysWithValues: candidates.enumerated().map { ($1, $0) })
        var compared = 0
        for look in schedule.looks {
            let block = examples[compared..<look]
            let missing = alive.flatMap { candidate in
                block.filter { scores[candidate]?[$0] == nil }.map { Call(candidate: candidate, example: $0) }
            }
            guard missing.isEmpty else {
                let ordered = missing.sorted { (order[$0.candidate] ?? 0) < (order[$1.candidate] ?? 0) }
                return Standing(step: .score(ordered), alive: alive, dropped: dropped, compared: compared)
            }
            for candidate in alive {
                for example in block { totals[candidate, default: 0] += scores[candidate]?[example] ?? 0 }
            }
            compared = look
            let ranked = alive.sorted {
                (totals[$1, default: 0], order[$0] ?? 0) < (totals[$0, default: 0], order[$1] ?? 0)
            }
            alive =
                look == examples.count ? ranked : survivors(of: ranked, totals: totals, after: look, scores)
            let staying = Set(alive)
            let leader = ranked.first.flatMap { totals[$0] } ?? 0
            dropped += ranked.filter { !staying.contains($0) }.map {
                Dropped(
                    candidate: $0, examples: look, score: totals[$0, default: 0] / Double(look),
                    leaderScore: leader / Double(look))
            }
        }
        return Standing(
            step: .finished(winner: alive.first ?? candidates[0]), alive: alive, dropped: dropped, compared: compared)
    }

    /// The error rate of the proof that a kept candidate is worse, over all looks of a race.
    private static let alpha = 0.01

    private func survivors(
        of ranked: [CandidateID], totals: [CandidateID: Double], after scored: Int, _ scores: Scores
    ) -> [CandidateID] {
        var places = schedule.survivors(after: scored) - kept.count
        let leader = ranked.first.flatMap { totals[$0] } ?? 0
        let left = Double(examples.count - scored)
        return ranked.enumerated().filter { place, candidate in
            if kept.contains(candidate) {
                return place == 0 || !isProvenWorse(candidate, than: ranked[0], after: scored, scores)
            }
            // Scores lie in 0…1: who is further behind than examples are left can't win any more.
            guard places > 0, place == 0 || leader - totals[candidate, default: 0] <= left else { return false }
            places -= 1
            return true
        }.map(\.element)
    }

    /// Waudby-Smith and Ramdas's betting bound on the mean of the paired differences, valid at every look.
    private func isProvenWorse(_ kept: CandidateID, than leader: CandidateID, after scored: Int, _ scores: Scores)
        -> Bool
    {
        let differences = examples.prefix(scored).map { (scores[leader]?[$0] ?? 0) - (scores[kept]?[$0] ?? 0) }
        return Bounds.betting(differences, range: -1...1, alpha: Self.alpha, horizon: .anytime).lower > 0
    }
}

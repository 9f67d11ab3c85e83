/// Finds the best of several candidates without scoring all of them on every example.
///
/// All candidates in the race are asked about the same examples, block by block, so that scores are compared in pairs and
/// an example's difficulty cancels out; who is behind drops out as the schedule says, and before that when it is three
/// standard errors of the paired difference behind, or can no longer catch up. A candidate that is kept (the incumbent) stays
/// until it is proven to be worse than the leader, by an anytime-valid bound on their paired differences.
///
/// While few examples are scored, what a candidate's relatives scored says much about it: until the last look, where scores
/// alone count, each is ranked as if it had also answered one block as its family did on the first (the estimator of Efron and
/// Morris, *Data analysis using Stein's estimator*, JASA 70, 1975, with the prior's weight set to one block).
///
/// The race is a pure function of the recorded scores: after a crash the same scores give the same next block.
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
    /// Each candidate's family; those that are not named are one family.
    private let families: [CandidateID: Int]
    private let known: Int

    /// - Parameters:
    ///   - candidates: at least one, in the order in which calls are made: those with the same beginning together. On equal
    ///     scores the earlier one is ahead.
    ///   - kept: candidates that drop out on proof alone.
    ///   - known: how many of the kept are scored on every example already.
    ///   - examples: in the order in which they are asked about.
    ///   - families: candidates that are made alike have the same number.
    package init(
        candidates: [CandidateID], kept: Set<CandidateID>, known: Int = 0, examples: [ExampleID],
        families: [CandidateID: Int] = [:], maximumCalls: Int = .max,
        settings: RaceSchedule.Settings = RaceSchedule.Settings()
    ) {
        self.candidates = candidates
        self.kept = kept
        self.examples = examples
        self.families = families
        self.known = known
        schedule = RaceSchedule(
            candidates: candidates.count, examples: examples.count, kept: kept.count, known: known,
            maximumCalls: maximumCalls, settings: settings)
    }

    /// Replays the race from the scores that there are, up to what is missing.
    ///
    /// - Parameter unread: questions that were asked and answered, and not scored: their judge's reply could not be read. A
    ///   candidate stands at its own mean there.
    /// - Throws: `CancellationError` where the task was cancelled.
    package func standing(_ scores: Scores, unread: Set<Call> = []) throws(CancellationError) -> Standing {
        var point = CancellationPoint()
        var alive = candidates
        var dropped: [Dropped] = []
        // In the order of the examples; all that are alive have as many.
        var seen: [CandidateID: [Double]] = [:]
        var totals = [CandidateID: Double](minimumCapacity: candidates.count)
        var priors: [CandidateID: Double] = [:]
        let order = Dictionary(uniqueKeysWithValues: candidates.enumerated().map { ($1, $0) })
        var field = schedule.start
        var compared = 0
        for look in schedule.looks {
            let block = examples[compared..<look]
            try CancellationPoint.check()
            let missing = alive.flatMap { candidate in
                block.filter { scores[candidate]?[$0] == nil }.map { Call(candidate: candidate, example: $0) }
                    .filter { !unread.contains($0) }
            }
            guard missing.isEmpty else {
                let ordered = missing.sorted { (order[$0.candidate] ?? 0) < (order[$1.candidate] ?? 0) }
                return Standing(step: .score(ordered), alive: alive, dropped: dropped, compared: compared)
            }
            for candidate in alive {
                try point.pass(64 * block.count)
                let known = block.compactMap { scores[candidate]?[$0] }
                let count = seen[candidate, default: []].count + known.count
                let mean = known.reduce(totals[candidate, default: 0], +) / Double(max(count, 1))
                let answers = block.map { scores[candidate]?[$0] ?? mean }
                seen[candidate, default: []] += answers
                totals[candidate, default: 0] += answers.reduce(0, +)
            }
            field.calls += paid(alive) * block.count
            if compared == 0 { priors = familyMeans(totals) }
            compared = look
            let isLast = look == examples.count
            let ranks = isLast ? totals : totals.merging(priors, uniquingKeysWith: +)
            alive.sort { (ranks[$1, default: 0], order[$0] ?? 0) < (ranks[$0, default: 0], order[$1] ?? 0) }
            guard !isLast else { break }
            let staying = survivors(of: alive, seen, totals, after: look, &field)
            let leader = totals[alive[0], default: 0] / Double(look)
            dropped += alive.filter { !staying.contains($0) }.map {
                Dropped(
                    candidate: $0, examples: look, score: totals[$0, default: 0] / Double(look), leaderScore: leader)
            }
            alive.removeAll { !staying.contains($0) }
        }
        return Standing(
            step: .finished(winner: alive.first ?? candidates[0]), alive: alive, dropped: dropped, compared: compared)
    }

    /// The error rate of the proof that a kept candidate is worse, over all looks of a race.
    private static let alpha = 0.01

    /// Behind by so many standard errors, a candidate drops out whatever its place.
    private static let standardErrors = 3.0

    private func survivors(
        of ranked: [CandidateID], _ seen: [CandidateID: [Double]], _ totals: [CandidateID: Double], after scored: Int,
        _ field: inout RaceSchedule.Field
    ) -> Set<CandidateID> {
        let leader = ranked[0]
        let best = seen[leader, default: []]
        let hopeful = ranked.filter {
            if $0 == leader { return true }
            let own = seen[$0, default: []]
            if kept.contains($0) { return !isProvenWorse(own, than: best) }
            return !isFarBehind(own, best, gap: totals[leader, default: 0] - totals[$0, default: 0])
        }
        let racing = hopeful.filter { !kept.contains($0) }
        let stayingKept = hopeful.filter(kept.contains)
        let places = schedule.places(for: racing.count, besides: paid(stayingKept), after: scored, &field)
        return Set(racing.prefix(places) + stayingKept)
    }

    private func isFarBehind(_ own: [Double], _ leader: [Double], gap: Double) -> Bool {
        let left = Double(examples.count - own.count)
        // Scores lie in 0…1: who is further behind than examples are left can't win any more.
        guard gap <= left else { return true }
        guard gap > 0 else { return false }
        // The variance of the gap to the end: squared differences, of which two are added so that few examples prove nothing
        // (Agresti and Min, Statistics in Medicine 24, 2005), and the correction for a finite population.
        let squares = zip(leader, own).reduce(2.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return gap >= Self.standardErrors * (squares * left / Double(examples.count)).squareRoot()
    }

    /// Waudby-Smith and Ramdas's betting bound on the mean of the paired differences, valid at every look.
    private func isProvenWorse(_ own: [Double], than leader: [Double]) -> Bool {
        let differences = zip(leader, own).map { $0 - $1 }
        // Who is not behind needs no bound.
        guard differences.reduce(0, +) > 0 else { return false }
        return Bounds.betting(differences, range: -1...1, alpha: Self.alpha, horizon: .anytime).lower > 0
    }

    /// How many of these cost calls: a kept candidate that is scored already does not.
    private func paid(_ alive: [CandidateID]) -> Int {
        alive.count - min(known, alive.count(where: kept.contains))
    }

    /// What the family of each candidate got right of the first block.
    private func familyMeans(_ totals: [CandidateID: Double]) -> [CandidateID: Double] {
        let members = Dictionary(grouping: candidates) { families[$0] ?? -1 }.values
        return members.reduce(into: [:]) { means, family in
            let mean = family.reduce(0) { $0 + totals[$1, default: 0] } / Double(family.count)
            for candidate in family { means[candidate] = mean }
        }
    }
}

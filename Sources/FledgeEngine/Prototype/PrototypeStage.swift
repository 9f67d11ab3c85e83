import FledgeCore
import FledgeDocument

/// What a cycle's prompt-prototype stage works on: its examples, its planner, and the scores so far.
struct PrototypeStage: Sendable {
    struct Round: Sendable {
        var experiment: Experiment
        /// The candidates that were scored on every example; those that dropped out of a race are not among them.
        var scored: [PromptSearch.Scored]
        /// What is missing of the candidates that were asked about every example and are not scored, because too many
        /// of their answers are missing.
        var unscored: [(candidate: Candidate, missing: MissingTally)]
        /// The scores of every candidate, example by example; 0 where no answer came.
        var scores: Race.Scores
        /// Answers that have no score, because their judge's reply could not be read.
        var unread: Set<Race.Call>
    }

    let cycle: Cycle
    let prototype: PromptPrototypeDefinition
    let split: PrototypeSplit
    let planner: PromptSearch
    private let stores: any CycleStore & ExperimentStore & StatusStore

    init(cycle: Cycle, stores: any CycleStore & ExperimentStore & StatusStore) async throws {
        self.cycle = cycle
        self.stores = stores
        prototype = cycle.definition.promptPrototype ?? PromptPrototypeDefinition()
        let examples = try await stores.examples(of: cycle.snapshot, in: .prototype)
        split = PrototypeSplit(
            examples: examples, definition: prototype, seed: cycle.definition.dataset?.split?.seed ?? 0)
        let labels = try await stores.labels(of: cycle.snapshot)
        planner = PromptSearch(definition: cycle.definition, prototype: prototype, split: split, labels: labels)
    }

    /// The rounds up to one, with the mean score of each of their candidates that was scored on every example.
    func scored(upTo round: Int) async throws -> [Round] {
        var rounds: [Round] = []
        for experiment in try await stores.searches(of: cycle.id) where experiment.round <= round {
            let byCandidate = Dictionary(grouping: try await stores.samples(of: experiment.id), by: \.candidate)
            var scored: [PromptSearch.Scored] = []
            var unscored: [(candidate: Candidate, missing: MissingTally)] = []
            for candidate in experiment.candidates {
                guard let samples = byCandidate[candidate.id], samples.count >= split.scored.count else { continue }
                let missing = MissingTally(samples)
                if missing.share <= MissingTally.limit(of: cycle.definition),
                    let known = PromptSearch.Scored(candidate, samples: samples)
                {
                    scored.append(known)
                } else {
                    unscored.append((candidate, missing))
                }
            }
            let scores = byCandidate.mapValues { samples in
                Dictionary(
                    samples.filter { !$0.isUnreadInRace }.map { ($0.example, $0.scores["primary"] ?? 0) }
                ) { first, _ in first }
            }
            let unread = byCandidate.values.joined().filter(\.isUnreadInRace)
                .map { Race.Call(candidate: $0.candidate, example: $0.example) }
            rounds.append(
                Round(
                    experiment: experiment, scored: scored, unscored: unscored, scores: scores, unread: Set(unread)))
        }
        return rounds
    }

    /// - Throws: `answers.missing` where nothing came of a candidate that a change of the definition would bring: asking on
    ///   would only cost.
    func refuseHopeless(_ candidate: CandidateID, round: Int) async throws {
        let hopeless = try await stores.missingAnswers(of: cycle.id).first {
            $0.purpose == .search && $0.round == round && $0.id == candidate && $0.answers.isHopeless
        }
        if let hopeless {
            throw hopeless.answers.error(
                "answers.missing", of: hopeless.candidate, limit: MissingTally.limit(of: cycle.definition))
        }
    }

    /// - Throws: `answers.missing` where nobody can be scored up to a round, and a candidate for no other reason than its
    ///   missing answers: nothing is there that the holdout could be asked about.
    func refuseUnscored(round: Int) async throws {
        // Where no answer is missing, which is usual, no samples are read.
        if try await stores.missingAnswers(of: cycle.id).isEmpty { return }
        let rounds = try await scored(upTo: round)
        guard rounds.allSatisfy(\.scored.isEmpty),
            let (candidate, missing) = rounds.flatMap(\.unscored).min(by: { $0.missing.share < $1.missing.share })
        else { return }
        throw missing.error("answers.missing", of: candidate.name, limit: MissingTally.limit(of: cycle.definition))
    }

    /// The best score of each round; of one in which nobody was scored in full, the best so far.
    static func bestOfRounds(_ rounds: [Round]) -> [Double] {
        var best: Double?
        return rounds.compactMap { round in
            let latest = round.scored.map(\.score).max()
            best = best.map { max($0, latest ?? $0) } ?? latest
            return latest ?? best
        }
    }

    /// What a later round of a search builds upon.
    func knowledge(_ rounds: [Round], answers: [ExampleID: String] = [:]) -> PromptSearch.Knowledge {
        let scores = rounds.reduce(into: Race.Scores()) { $0.merge($1.scores) { first, _ in first } }
        return PromptSearch.Knowledge(
            scored: rounds.flatMap(\.scored), scores: scores, tried: Set(scores.keys), answers: answers)
    }

    /// Whether another round would have candidates.
    func hasVariations(after rounds: [Round]) -> Bool {
        guard let search = prototype.search else {
            let all = PromptSearch.ranked(rounds.flatMap(\.scored))
            return !planner.candidates(round: rounds.count + 1, scored: all).isEmpty
        }
        return search.reflection != nil
            || !planner.proposals(round: rounds.count + 1, knowing: knowledge(rounds), search: search).isEmpty
    }

    /// A candidate's samples on the prototype split.
    func measured(_ candidate: CandidateID) async throws -> [CriterionEvaluator.Measured] {
        let examples = Dictionary(uniqueKeysWithValues: split.scored.map { ($0.id, $0) })
        for experiment in try await stores.searches(of: cycle.id)
        where experiment.candidates.contains(where: { $0.id == candidate }) {
            return try await stores.samples(of: experiment.id).filter { $0.candidate == candidate }
                .map {
                    let example = examples[$0.example]
                    return CriterionEvaluator.Measured(
                        sample: $0, group: example?.group ?? "", expected: example?.expected)
                }
        }
        return []
    }
}

extension Sample {
    /// Whether the answer came and has no score to race with. What never came races with 0, and so does an answer that the
    /// search for a pattern was given up on: who gives no answers, or endless ones, must not win.
    var isUnreadInRace: Bool { scoreInRace == nil }

    var scoreInRace: Double? { isUnanswered || isGivenUp ? 0 : score(of: "primary") }
}

extension PromptSearch.Scored {
    /// The mean over the answers that came and have a score to race with; nil where none has.
    init?(_ candidate: Candidate, samples: [Sample]) {
        let scores = samples.filter { !$0.isUnanswered }.compactMap(\.scoreInRace)
        guard !scores.isEmpty else { return nil }
        self.init(
            candidate: candidate, score: scores.reduce(0, +) / Double(scores.count),
            promptTokens: samples.reduce(0) { $0 + $1.promptTokens })
    }
}

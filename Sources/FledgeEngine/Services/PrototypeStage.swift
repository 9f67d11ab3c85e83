import FledgeCore
import FledgeDocument

/// What a cycle's prompt-prototype stage works on: its examples, its planner, and the scores so far.
struct PrototypeStage: Sendable {
    struct Round: Sendable {
        var experiment: Experiment
        /// The candidates that were scored on every example; those that dropped out of a race are not among them.
        var scored: [PromptSearch.Scored]
        /// The scores of every candidate, example by example.
        var scores: Race.Scores
    }

    let cycle: Cycle
    let prototype: PromptPrototypeDefinition
    let split: PrototypeSplit
    let planner: PromptSearch
    private let stores: any Stores

    init(cycle: Cycle, stores: any Stores) async throws {
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
            let scored = experiment.candidates.compactMap { candidate -> PromptSearch.Scored? in
                guard let samples = byCandidate[candidate.id], samples.count >= split.scored.count else { return nil }
                let total = samples.reduce(0) { $0 + ($1.scores["primary"] ?? 0) }
                return PromptSearch.Scored(
                    candidate: candidate, score: total / Double(samples.count),
                    promptTokens: samples.reduce(0) { $0 + $1.promptTokens })
            }
            let scores = byCandidate.mapValues { samples in
                Dictionary(samples.map { ($0.example, $0.scores["primary"] ?? 0) }) { first, _ in first }
            }
            rounds.append(Round(experiment: experiment, scored: scored, scores: scores))
        }
        return rounds
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
    func measured(_ candidate: CandidateID) async throws -> [CriterionJudge.Measured] {
        let groups = Dictionary(uniqueKeysWithValues: split.scored.map { ($0.id, $0.group) })
        for experiment in try await stores.searches(of: cycle.id)
        where experiment.candidates.contains(where: { $0.id == candidate }) {
            return try await stores.samples(of: experiment.id).filter { $0.candidate == candidate }
                .map { CriterionJudge.Measured(sample: $0, group: groups[$0.example] ?? "") }
        }
        return []
    }
}

import FledgeCore
import FledgeDocument

/// What a cycle's prompt-prototype stage works on: its examples, its planner, and the scores so far.
struct PrototypeStage: Sendable {
    struct Round: Sendable {
        var experiment: Experiment
        var scored: [PromptSearch.Scored]
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
            rounds.append(Round(experiment: experiment, scored: scored))
        }
        return rounds
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

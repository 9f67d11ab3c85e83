import FledgeCore
import FledgeDocument

/// Searches for the prompt once more, on the adapter: scores the best prompts of the search with it on the prototype split,
/// and proposes the best of them to the gate.
package struct AdapterPromptHandler: WorkHandler {
    private let stores: any CycleStore & ExperimentStore & StatusStore
    private let models: ServerDirectory

    package init(stores: any CycleStore & ExperimentStore & StatusStore, models: ServerDirectory) {
        self.stores = stores
        self.models = models
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .comparePrompts(let trained, let attempt)? = item.action, let id = item.cycle else {
            return .finished
        }
        let cycle = try await stores.workableCycle(id)
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        let candidates = AdapterRound.candidates(
            trained: try await stores.candidate(trained),
            ranked: PromptSearch.ranked(try await stage.scored(upTo: .max).flatMap(\.scored)),
            limit: cycle.definition.fineTune?.adapterPrompts ?? AdapterRound.defaultCount)
        // With one candidate there is nothing to compare, and the gate measures it anyway.
        guard candidates.count > 1, !stage.split.scored.isEmpty else { return .event(.candidateChosen(trained)) }
        let experiment = try await stores.openExperiment(
            cycle: id, purpose: .adapter, round: attempt, candidates: candidates,
            plannedCalls: candidates.count * stage.split.scored.count)
        if !experiment.isFinished {
            try await stores.forgetUnanswered(in: experiment.id)
            try await score(experiment, on: stage.split.scored, of: cycle)
        }
        let limit = MissingTally.limit(of: cycle.definition)
        let scores = try await AdapterScores(of: id, attempt: attempt, limit: limit, stores: stores)
        if scores.ranked.isEmpty, let (candidate, missing) = scores.unscored.first {
            throw missing.error("answers.missing", of: candidate.name, limit: limit)
        }
        try await stores.finishExperiment(experiment.id)
        let ranked = scores.ranked
        return .event(.candidateChosen(ranked.first?.candidate.id ?? trained))
    }

    private func score(_ experiment: Experiment, on examples: [Example], of cycle: Cycle) async throws {
        let done = Dictionary(grouping: try await stores.samples(of: experiment.id), by: \.candidate)
            .mapValues { Set($0.map(\.example)) }
        for candidate in experiment.candidates {
            let candidateID = candidate.id
            let open = examples.filter { done[candidateID]?.contains($0.id) != true }
                .map { PlannedCall(candidate: candidate, candidateID: candidateID, example: $0, repeat: 0) }
            // A judge may have been cut off between the last answer and its rating.
            guard !open.isEmpty || !cycle.definition.judges.isEmpty else { continue }
            try await models.runner(for: candidate, of: cycle).run(open, experiment: experiment.id)
        }
    }
}

/// What the prompts that were compared on an adapter scored.
struct AdapterScores: Sendable {
    /// The best first.
    let ranked: [PromptSearch.Scored]
    /// Those of which too many answers are missing.
    let unscored: [(candidate: Candidate, missing: MissingTally)]
    /// Examples that each was scored on.
    let examples: Int

    /// - Parameter limit: the share of answers that may be missing, 0…1.
    init(
        of cycle: CycleID, attempt: Int, limit: Double = MissingTally.usualLimit, stores: any ExperimentStore
    ) async throws {
        guard let experiment = try await stores.experiment(cycle: cycle, purpose: .adapter, round: attempt) else {
            ranked = []
            unscored = []
            examples = 0
            return
        }
        let samples = Dictionary(grouping: try await stores.samples(of: experiment.id), by: \.candidate)
        var scored: [PromptSearch.Scored] = []
        var unscored: [(candidate: Candidate, missing: MissingTally)] = []
        for candidate in experiment.candidates {
            guard let own = samples[candidate.id], !own.isEmpty else { continue }
            let missing = MissingTally(own)
            if missing.share <= limit, let known = PromptSearch.Scored(candidate, samples: own) {
                scored.append(known)
            } else {
                unscored.append((candidate, missing))
            }
        }
        ranked = PromptSearch.ranked(scored)
        self.unscored = unscored
        examples = samples.values.map(\.count).max() ?? 0
    }

    /// What a candidate scored where it was compared on its adapter; nil where it was not.
    static func score(of candidate: Candidate, in cycle: Cycle, stores: any ExperimentStore) async throws -> Double? {
        guard candidate.adapter != nil else { return nil }
        for attempt in stride(from: cycle.state.trainings, to: 0, by: -1) {
            let scores = try await AdapterScores(
                of: cycle.id, attempt: attempt, limit: MissingTally.limit(of: cycle.definition), stores: stores)
            if let found = scores.ranked.first(where: { $0.candidate.id == candidate.id }) { return found.score }
        }
        return nil
    }
}

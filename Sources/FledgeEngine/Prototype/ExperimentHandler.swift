import FledgeCore
import FledgeDocument

/// Runs one prompt round: scores its candidates on the prototype split and says what comes next.
package struct ExperimentHandler: WorkHandler {
    private let stores: any CycleStore & ExperimentStore & SearchStore & StatusStore
    private let models: ServerDirectory

    package init(stores: any CycleStore & ExperimentStore & SearchStore & StatusStore, models: ServerDirectory) {
        self.stores = stores
        self.models = models
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .runExperiment(let round)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.workableCycle(id)
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        if let search = stage.prototype.search {
            try await SearchRound(round: round, search: search, stage: stage, stores: stores, models: models).run()
        } else {
            try await scoreAll(round: round, of: stage)
        }
        return .event(try await outcome(of: round, stage: stage))
    }

    /// Scores every candidate of the round on every example.
    private func scoreAll(round: Int, of stage: PrototypeStage) async throws {
        let earlier = try await stage.scored(upTo: round - 1)
        let candidates = stage.planner.candidates(round: round, scored: earlier.flatMap(\.scored))
        let experiment = try await stores.openExperiment(
            cycle: stage.cycle.id, purpose: .search, round: round, candidates: candidates,
            plannedCalls: candidates.count * stage.split.scored.count)
        guard !experiment.isFinished else { return }
        // Examples whose answer never came are asked again, since the cause may be gone.
        try await stores.forgetUnanswered(in: experiment.id)
        let caller = SearchCaller(stage: stage, stores: stores, models: models)
        let done = Set(
            try await stores.samples(of: experiment.id)
                .map { Race.Call(candidate: $0.candidate, example: $0.example) })
        // Candidate after candidate: calls that share a prompt's beginning follow each other, and the server keeps it cached.
        for candidate in experiment.candidates {
            let id = candidate.id
            let open = stage.split.scored.map { Race.Call(candidate: id, example: $0.id) }
                .filter { !done.contains($0) }
            guard try await caller.score(open, among: [candidate], experiment: experiment.id) else {
                try await stores.recordFinding(SearchFinding(isBudgetSpent: true), experiment: experiment.id)
                break
            }
            try await stage.refuseHopeless(id, round: round)
        }
        try await stage.refuseUnscored(round: round)
        try await stores.finishExperiment(experiment.id)
    }

    private func outcome(of round: Int, stage: PrototypeStage) async throws -> CycleEvent {
        let rounds = try await stage.scored(upTo: round)
        guard let best = PromptSearch.ranked(rounds.flatMap(\.scored)).first else {
            throw FledgeError(
                "experiment.no_scores", "no candidate could be scored on the prototype split",
                hint: "give the prototype stage a larger Budget, or fledge experiments to see the calls' errors")
        }
        let finding = try await stores.findings(of: stage.cycle.id)[round]
        let spent = try await stores.spend(of: stage.cycle.id)
        let measured = try await stage.measured(best.candidate.id)
        let outcome = RoundJudge.judge(
            best: best.candidate.id, bestOfRounds: PrototypeStage.bestOfRounds(rounds), prototype: stage.prototype,
            spent: StageBudget.Spent(
                calls: spent.calls, tokens: spent.tokens, costMicroDollars: spent.costMicroDollars),
            isBudgetSpent: finding?.isBudgetSpent ?? false, hasHeadroom: finding?.headroom?.hasRoom ?? true,
            hasVariations: stage.hasVariations(after: rounds),
            measure: { CriterionEvaluator(measured: measured, looks: 1, judges: .advice).judge($0) })
        return switch outcome {
        case .anotherRound: .roundFinished
        case .advance(let candidate, _): .candidateChosen(candidate)
        }
    }
}

import FledgeCore
import FledgeDocument

/// Runs one prompt round: scores its candidates on the prototype split and says what comes next.
package struct ExperimentHandler: WorkHandler {
    private let stores: any Stores
    private let models: ServerDirectory

    package init(stores: any Stores, models: ServerDirectory) {
        self.stores = stores
        self.models = models
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .runExperiment(let round)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.cycle(id)
        let search = try await PrototypeStage(cycle: cycle, stores: stores)
        let earlier = try await search.scored(upTo: round - 1)
        let candidates = search.planner.candidates(round: round, scored: earlier.flatMap(\.scored))
        let experiment = try await stores.openExperiment(
            cycle: id, purpose: .search, round: round, candidates: candidates,
            plannedCalls: candidates.count * search.split.scored.count)
        if !experiment.isFinished {
            try await score(experiment, of: cycle, on: search)
            try await stores.finishExperiment(experiment.id)
        }
        return .event(try await outcome(of: round, search: search))
    }

    private func score(_ experiment: Experiment, of cycle: Cycle, on search: PrototypeStage) async throws {
        let done = Set(
            try await stores.samples(of: experiment.id).map { SampleKey(candidate: $0.candidate, example: $0.example) })
        // Candidate after candidate: calls that share a prompt's beginning follow each other, and the server keeps it cached.
        for candidate in experiment.candidates {
            let candidateID = candidate.id
            let open = search.split.scored
                .filter { !done.contains(SampleKey(candidate: candidateID, example: $0.id)) }
                .map { PlannedCall(candidate: candidate, candidateID: candidateID, example: $0, repeat: 0) }
            let spent = try await stores.spend(of: cycle.id)
            let allowed = Budget(search.prototype.budget).remainingCalls(
                after: Budget.Spent(calls: spent.calls, tokens: spent.tokens, costMicroDollars: spent.costMicroDollars))
            let runner = try await models.runner(for: candidate, of: cycle)
            try await runner.run(Array(open.prefix(allowed)), experiment: experiment.id)
            if allowed < open.count { return }
        }
    }

    private func outcome(of round: Int, search: PrototypeStage) async throws -> CycleEvent {
        let rounds = try await search.scored(upTo: round)
        let all = PromptSearch.ranked(rounds.flatMap(\.scored))
        guard let best = all.first else {
            throw FledgeError(
                "experiment.no_scores", "no candidate could be scored on the prototype split",
                hint: "give the prototype stage a larger Budget, or fledge experiments to see the calls' errors",
                exitCode: .badData)
        }
        let spent = try await stores.spend(of: search.cycle.id)
        let measured = try await search.measured(best.candidate.id)
        let outcome = RoundJudge.judge(
            best: best.candidate.id, bestOfRounds: rounds.compactMap { $0.scored.map(\.score).max() },
            prototype: search.prototype,
            spent: Budget.Spent(calls: spent.calls, tokens: spent.tokens, costMicroDollars: spent.costMicroDollars),
            hasVariations: !search.planner.candidates(round: round + 1, scored: all).isEmpty,
            measure: { CriterionJudge(measured: measured, looks: 1, judges: .advice).judge($0) })
        return switch outcome {
        case .anotherRound: .roundFinished
        case .advance(let candidate, _): .candidateChosen(candidate)
        }
    }
}

private struct SampleKey: Hashable {
    var candidate: CandidateID
    var example: ExampleID
}

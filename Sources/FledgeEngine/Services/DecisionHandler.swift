import FledgeCore
import FledgeDocument

/// Gathers the evidence, lets the rules decide, and records the decision.
package struct DecisionHandler: WorkHandler {
    private let stores: any Stores

    package init(stores: any Stores) { self.stores = stores }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .decide(_, let look)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.cycle(id)
        guard let gate = try await stores.gates(of: id).first(where: { $0.look == look }) else {
            throw FledgeError("decision.no_gate", "the gate of look \(look) is not in the database")
        }
        let decision = DecisionRules.decide(try await evidence(for: gate, of: cycle))
        try await stores.storeDecision(decision, cycle: id, look: look)
        return .event(.decisionMade(decision.kind))
    }

    private func evidence(for gate: GateResult, of cycle: Cycle) async throws -> DecisionEvidence {
        let definition = cycle.definition
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        let rounds = try await stage.scored(upTo: .max)
        let spent = try await stores.spend(of: cycle.id)
        let plateau = stage.prototype.advance.flatMap(\.conditions).compactMap { condition in
            if case .plateau(let rounds, let gain) = condition { (rounds, gain) } else { nil }
        }.first
        let training = try await stores.examples(of: cycle.snapshot, in: .training)
        let all = PromptSearch.ranked(rounds.flatMap(\.scored))
        let hasVariations = !stage.planner.candidates(round: rounds.count + 1, scored: all).isEmpty
        return DecisionEvidence(
            gate: gate, roundScores: rounds.compactMap { $0.scored.map(\.score).max() },
            // A search with nothing left to vary is over after the rounds that it has had.
            roundsMaximum: hasVariations ? stage.prototype.rounds?.maximum ?? PromptSearch.defaultRounds : rounds.count,
            plateauRounds: plateau?.0, plateauMinimumGain: plateau?.1 ?? 0,
            isBudgetSpent: Budget(stage.prototype.budget).isSpent(
                by: Budget.Spent(calls: spent.calls, tokens: spent.tokens, costMicroDollars: spent.costMicroDollars)),
            trainingExamples: min(training.count, definition.fineTune?.trainingExamples ?? .max),
            minimumTrainingExamples: definition.fineTune?.minimumExamples ?? FineTuneDefinition().minimumExamples,
            mayFineTune: definition.fineTune != nil, trainingsDone: cycle.state.trainings)
    }
}

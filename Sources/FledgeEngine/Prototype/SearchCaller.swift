import FledgeCore
import FledgeDocument

/// Makes a search's calls within the stage's budget: what they can use at the most is reserved before they are in flight,
/// and settled by what they did use, so that concurrent calls never pass a limit together.
///
/// Stands for what a search may spend in all, whichever candidates it asks; the use case's cap is its purse's concern.
struct SearchCaller: Sendable {
    let stage: PrototypeStage
    let stores: any ExperimentStore
    let models: ServerDirectory

    /// Scores candidates on examples, in the order given.
    ///
    /// Without a call to make, answers that a judge had not seen before a crash are judged.
    ///
    /// - Returns: false when the budget ended it.
    func score(_ calls: [Race.Call], among candidates: [Candidate], experiment: ExperimentID) async throws -> Bool {
        let byID = Dictionary(candidates.map { ($0.id, $0) }) { first, _ in first }
        let examples = Dictionary(uniqueKeysWithValues: stage.split.scored.map { ($0.id, $0) })
        var open = calls.compactMap { call -> PlannedCall? in
            guard let candidate = byID[call.candidate], let example = examples[call.example] else { return nil }
            return PlannedCall(candidate: candidate, candidateID: call.candidate, example: example, repeat: 0)
        }
        if open.isEmpty, let any = candidates.first {
            try await models.runner(for: any, of: stage.cycle).run([], experiment: experiment)
        }
        while let first = open.first {
            // One server at a time; among its candidates, a call does not wait for the one before it to be done.
            let together = open.prefix {
                $0.candidate.model == first.candidate.model && $0.candidate.adapter == first.candidate.adapter
            }
            let model = try models.model(named: first.candidate.model, in: stage.cycle.definition)
            let admitted = try await admitted(
                together.map {
                    CallEstimate(
                        messages: $0.candidate.messages(for: $0.example.inputs),
                        maxTokens: $0.candidate.decoding.maxTokens, price: model.price)
                })
            guard admitted > 0 else { return false }
            let runner = try await models.runner(for: first.candidate, of: stage.cycle)
            try await runner.run(Array(together.prefix(admitted)), experiment: experiment)
            open.removeFirst(admitted)
        }
        return true
    }

    /// How many of these calls the budget has room for now, whatever they will use.
    func admitted(_ estimates: [CallEstimate]) async throws -> Int {
        guard stage.prototype.budget != nil else { return estimates.count }
        let spent = try await stores.spend(of: stage.cycle.id)
        return StageBudget(stage.prototype.budget).admitted(
            estimates,
            after: StageBudget.Spent(calls: spent.calls, tokens: spent.tokens, costMicroDollars: spent.costMicroDollars)
        )
    }
}

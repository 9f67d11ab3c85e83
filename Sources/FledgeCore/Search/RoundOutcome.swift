import FledgeDocument

/// What a finished prompt round leads to.
package enum RoundOutcome: Hashable, Sendable {
    case anotherRound
    /// The best candidate goes to validation, for the reason given.
    case advance(CandidateID, AdvanceReason)
}

package enum AdvanceReason: String, Codable, Hashable, Sendable {
    case criteriaMet = "criteria-met"
    case plateau
    case roundsSpent = "rounds-spent"
    case budgetSpent = "budget-spent"
    case nothingNewToTry = "nothing-new-to-try"
    case noHeadroom = "no-headroom"
}

/// Decides whether the prototype stage is over.
package struct RoundJudge: Sendable {
    /// Scored samples of the best candidate, for the criteria.
    package typealias Measure = @Sendable (CriterionDefinition) -> CriterionResult

    /// Whether the best score has not risen by more than `minimumGain` over the last `rounds` rounds.
    ///
    /// - Parameter bestOfRounds: the best score of each round, in order.
    package static func hasPlateaued(bestOfRounds: [Double], rounds: Int, minimumGain: Double) -> Bool {
        guard rounds >= 1, bestOfRounds.count > rounds, let before = bestOfRounds.dropLast(rounds).max(),
            let latest = bestOfRounds.suffix(rounds).max()
        else { return false }
        return latest - before <= minimumGain
    }

    /// - Parameters:
    ///   - best: the best candidate of all rounds.
    ///   - isBudgetSpent: whether the budget had no room for the round's next call, whatever is left of it.
    ///   - hasHeadroom: whether the first round found that there is something to gain.
    ///   - hasVariations: whether another round would have candidates.
    ///   - measure: evaluates a criterion on the best candidate's samples.
    package static func judge(
        best: CandidateID, bestOfRounds: [Double], prototype: PromptPrototypeDefinition, spent: StageBudget.Spent,
        isBudgetSpent: Bool = false, hasHeadroom: Bool = true, hasVariations: Bool, measure: Measure
    ) -> RoundOutcome {
        for alternative in prototype.advance where !alternative.conditions.isEmpty {
            let conditions = alternative.conditions
            let isMet = conditions.allSatisfy { condition in
                switch condition {
                case .criterion(let criterion): measure(criterion).verdict == .passed
                case .plateau(let rounds, let gain):
                    hasPlateaued(bestOfRounds: bestOfRounds, rounds: rounds, minimumGain: gain)
                }
            }
            guard isMet else { continue }
            let isPlateau = conditions.contains { if case .plateau = $0 { true } else { false } }
            return .advance(best, isPlateau ? .plateau : .criteriaMet)
        }
        if !hasHeadroom { return .advance(best, .noHeadroom) }
        if isBudgetSpent || StageBudget(prototype.budget).isSpent(by: spent) { return .advance(best, .budgetSpent) }
        if bestOfRounds.count >= prototype.rounds?.maximum ?? PromptSearch.defaultRounds {
            return .advance(best, .roundsSpent)
        }
        return hasVariations ? .anotherRound : .advance(best, .nothingNewToTry)
    }
}

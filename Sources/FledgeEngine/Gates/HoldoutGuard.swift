import FledgeCore
import FledgeDocument

/// Keeps the holdout's error budget: says what a look may use, and writes it down before it is taken.
struct HoldoutGuard: Sendable {
    /// A look that may be taken.
    struct Permit: Sendable {
        var examples: [Example]
        var share: Double
        /// Which look at these examples it is, in all cycles together, from 1; nil where it was before the ledger.
        var ledgerLook: Int?
        var leftOut: Int
        /// The part of each example's error budget that the look spends, 0…1; 0 where it repeats an earlier look.
        var spends: Double
    }

    let stores: any CycleStore & HoldoutStore

    /// - Throws: `holdout.exhausted` when too few examples have budget left for any candidate to pass.
    func permit(_ candidate: CandidateID, of cycle: Cycle, look: Int) async throws -> Permit {
        let validation = cycle.definition.validation ?? ValidationDefinition()
        let examples = try await stores.examples(of: cycle.snapshot, in: .holdout)
        let spent = try await stores.holdoutSpent(cycle: cycle.id, exceptLook: look)
        let budget = HoldoutBudget(spent: spent, validation: validation)
        // With comparisons, the same candidate is another question: the champion may have changed.
        let mayRepeat = (validation.comparisons ?? []).isEmpty
        if mayRepeat,
            let share = try await stores.earlierShare(
                of: candidate, on: examples.map(\.id), cycle: cycle.id, exceptLook: look)
        {
            return Permit(
                examples: examples, share: min(share, budget.share), ledgerLook: max(1, spent.map(\.looks).max() ?? 1),
                leftOut: 0, spends: 0)
        }
        guard !budget.isExhausted else { throw budget.exhaustion }
        let usable = Set(budget.usable)
        return Permit(
            examples: examples.filter { usable.contains($0.id) }, share: budget.share,
            ledgerLook: budget.looksBefore + 1, leftOut: budget.total - usable.count, spends: budget.share)
    }

    func record(_ permit: Permit, _ candidate: CandidateID, of cycle: Cycle, look: Int) async throws {
        let validation = cycle.definition.validation ?? ValidationDefinition()
        let confidences = validation.require.map(\.confidence) + (validation.comparisons ?? []).map(\.confidence)
        try await stores.recordLook(
            cycle: cycle.id, look: look, candidate: candidate, examples: permit.examples.map(\.id),
            share: permit.spends, alpha: permit.spends * (1 - (confidences.min() ?? 1)))
    }
}

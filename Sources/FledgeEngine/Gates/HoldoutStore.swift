import FledgeCore
import FledgeDocument

/// The ledger of looks at the holdout.
package protocol HoldoutStore: Store {
    /// What has been spent on each example of a cycle's holdout, in all cycles of the use case together.
    ///
    /// - Parameter look: of this cycle, which is left out: a look that a crash cut off is the same look.
    func holdoutSpent(cycle: CycleID, exceptLook look: Int?) async throws -> [HoldoutBudget.Spent]
    /// The same of rows that are not stored yet, in their order; an example's number is its place among them, from 1.
    func holdoutSpent(on rows: [SnapshotRow], of useCase: UseCaseID) async throws -> [HoldoutBudget.Spent]
    /// The part of the error rate that was spent when this candidate was evaluated on exactly these examples before; nil when
    /// it was not.
    func earlierShare(of candidate: CandidateID, on examples: [ExampleID], cycle: CycleID, exceptLook look: Int)
        async throws -> Double?
    /// Writes a look down before it is taken; the same cycle and look again changes nothing.
    func recordLook(
        cycle: CycleID, look: Int, candidate: CandidateID, examples: [ExampleID], share: Double, alpha: Double
    ) async throws
    /// Says that a look came to no verdict because answers never came: it spends nothing until it is recorded again. Nothing
    /// happens to one that was judged.
    func withdrawLook(cycle: CycleID, look: Int, because reason: String) async throws
    /// Every look at a holdout of the use case, the oldest first.
    func looks(of useCase: UseCaseID) async throws -> [HoldoutLook]
}

import FledgeCore
import Foundation

/// What asking for money gave.
package enum SpendGrant: Sendable {
    /// The definition caps nothing.
    case uncapped
    case granted(SpendAmount, reservation: Int64, account: Int64)
    /// There is no room now, but some may come back: others have set aside what they may not need.
    case waiting
    case exhausted(FledgeError)
}

/// Caps on what use cases spend, shared by all daemons. The caps are those of the latest revision; periods begin by the
/// database's clock.
package protocol SpendStore: CapStore {
    /// Sets aside what up to `count` calls of that size can use at the most: fewer where there is not room for all.
    ///
    /// - Parameters:
    ///   - reservation: one of the same caller's to add to.
    ///   - lease: how long it holds without a sign of life. What a dead worker had set aside then counts as paid: its calls
    ///     may have been made.
    func reserve(
        _ count: Int, each: SpendAmount, for useCase: UseCaseID, addingTo reservation: Int64?, lease: Duration
    ) async throws -> SpendGrant
    /// Also part of `ExperimentStore.write` and the like, in the transaction that writes what was paid for.
    func charge(_ charges: [PurseState.Charge]) async throws
    /// Settles for the last time, and gives back what was not used.
    func close(_ charges: [PurseState.Charge]) async throws
    /// What all use cases, or the one named, have spent.
    func spends(useCase: String?) async throws -> [UseCaseSpend]
}

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
///
/// A reservation is its purse's until it is closed or its lease ends.
package protocol SpendStore: Store {
    /// Sets aside what up to `count` calls of that size can use at the most: fewer where there is not room for all.
    ///
    /// A repetition after an error may set aside twice: what the first one granted without being heard of stays set aside
    /// until its reservation is closed or lapses. So does what a task is granted that is cancelled before it hears of it.
    ///
    /// - Parameters:
    ///   - reservation: one of the same caller's to add to.
    ///   - lease: how long it holds without a sign of life. What a dead worker had set aside then counts as paid: its calls
    ///     may have been made.
    /// - Returns: `exhausted` carries `spend.cap_reached`; it is not thrown.
    func reserve(
        _ count: Int, each: SpendAmount, for useCase: UseCaseID, addingTo reservation: Int64?, lease: Duration
    ) async throws -> SpendGrant
    /// Also part of `ExperimentStore.write` and the like, in the transaction that writes what was paid for.
    ///
    /// May be repeated: a charge is a total under a rising number, and one that was overtaken changes nothing.
    func charge(_ charges: [PurseState.Charge]) async throws
    /// Settles for the last time, and gives back what was not used. May be repeated: what is closed is gone.
    func close(_ charges: [PurseState.Charge]) async throws
    /// What all use cases, or the one named, have spent, in the order of their names. Changes nothing.
    func spends(useCase: String?) async throws -> [UseCaseSpend]
    /// Cycles that are blocked by the cap of a period that is over at the moment, and not paused; the longest waiting first,
    /// and no more of them than one look should retry. Changes nothing.
    func cyclesPastCap(at moment: Date) async throws -> [CycleID]
}

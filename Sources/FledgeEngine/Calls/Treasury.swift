import FledgeCore

/// Where the money for a use case's calls comes from.
package struct Treasury: Sendable {
    let store: any SpendStore
    let useCase: UseCaseID
    let lease: Duration
    /// Calls that money is set aside for at once, at the least: a crash counts them as paid, and each block is a round trip.
    private static let block = 16

    package init(store: any SpendStore, useCase: UseCaseID, lease: Duration = .seconds(60)) {
        self.store = store
        self.useCase = useCase
        self.lease = lease
    }

    /// - Parameters:
    ///   - calls: how many calls are planned: no more are set aside for.
    ///   - atOnce: how many are in flight together.
    package func purse(for calls: Int, atOnce: Int) -> Purse {
        Purse(treasury: self, block: max(1, min(calls, max(Self.block, 2 * atOnce))))
    }
}

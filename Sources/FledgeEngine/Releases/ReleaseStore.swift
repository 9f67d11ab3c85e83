import FledgeCore
import FledgeDocument
import Foundation

/// Releases and the pointers to them.
package protocol ReleaseStore: Store {
    /// Makes the next release and moves `champion` to it; the same cycle and candidate again gives the release that is there.
    ///
    /// - Throws: `cycle.unknown`; `release.cycle_ended` where the cycle ended before it was made.
    func makeRelease(_ bundle: ReleaseBundle, cycle: CycleID) async throws -> Release
    func releases(of useCase: UseCaseID) async throws -> [Release]
    /// Moves `champion` to a release that exists. - Throws: `release.unknown`.
    func moveChampion(of useCase: UseCaseID, to number: Int, actor: String, reason: String) async throws -> Release
    /// Adapters that champions and open cycles use, those that came into use last first.
    func adaptersLastUsed(_ limit: Int, of base: Digest?) async throws -> [AdapterDigest]
}

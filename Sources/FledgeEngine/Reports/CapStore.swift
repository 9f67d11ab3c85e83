import FledgeCore
import Foundation

/// Caps on spending as the scheduler sees them: their periods begin anew.
package protocol CapStore: Store {
    /// Cycles that are blocked by the cap of a period that is over at the moment, and not paused; the longest waiting first,
    /// and no more of them than one look should retry. Changes nothing.
    func cyclesPastCap(at moment: Date) async throws -> [CycleID]
}

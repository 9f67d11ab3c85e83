import FledgeCore
import FledgeDocument
import Foundation

/// Gates, holdout looks and decisions.
package protocol DecisionStore: Store {
    /// Stores the gate's result with its look at the holdout; the same cycle and look again replaces nothing.
    func storeGate(_ result: GateResult, cycle: CycleID, experiment: ExperimentID) async throws
    func gates(of cycle: CycleID) async throws -> [GateResult]
    func storeDecision(_ decision: Decision, cycle: CycleID, look: Int) async throws
    /// With their numbers.
    func decisions(of cycle: CycleID) async throws -> [Decision]
    /// The decision of that number among those of its use case.
    func decision(_ number: Int, of useCase: UseCaseID) async throws -> Decision?
}

import FledgeCore
import FledgeDocument

/// Gathers the evidence, lets the rules decide, and records the decision.
package struct DecisionHandler: WorkHandler {
    private let stores: any Stores

    package init(stores: any Stores) { self.stores = stores }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .decide(_, let look)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.cycle(id)
        let gates = try await stores.gates(of: id)
        guard let gate = gates.first(where: { $0.look == look }) else {
            throw FledgeError("decision.no_gate", "the gate of look \(look) is not in the database")
        }
        let standing = DecisionEvidenceReader.Standing(
            rounds: try await stores.searches(of: id).map(\.round).max() ?? 0, trainings: cycle.state.trainings)
        let evidence = try await DecisionEvidenceReader(stores: stores)
            .evidence(for: gate, earlier: gates, of: cycle, at: standing)
        let decision = DecisionRules.decide(evidence)
        try await stores.storeDecision(decision, cycle: id, look: look)
        return .event(decision.promoted.map { .earlierPromoted($0) } ?? .decisionMade(decision.kind))
    }
}

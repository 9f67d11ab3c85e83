import FledgeCore
import FledgeDocument

/// Gathers the evidence, lets the rules decide, and records the decision.
package struct DecisionHandler: WorkHandler {
    private let stores:
        any CycleStore & ExperimentStore & SearchStore & DecisionStore & TrainingStore & TuningStore & StatusStore
    private let pilots: PilotRunner?
    private let audit: EvidenceAudit

    package init(
        stores: any CycleStore & ExperimentStore & SearchStore & DecisionStore & TrainingStore & TuningStore
            & StatusStore, audit: EvidenceAudit, pilots: PilotRunner? = nil
    ) {
        self.stores = stores
        self.audit = audit
        self.pilots = pilots
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .decide(_, let look)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.workableCycle(id)
        try await audit.require(cycle.useCase, name: cycle.definition.name, cycle: id)
        let gates = try await stores.gates(of: id)
        guard let gate = gates.first(where: { $0.look == look }) else {
            throw FledgeError("decision.no_gate", "the gate of look \(look) is not in the database")
        }
        let standing = DecisionEvidenceReader.Standing(
            rounds: try await stores.searches(of: id).map(\.round).max() ?? 0, trainings: cycle.state.trainings)
        let reader = DecisionEvidenceReader(stores: stores)
        func decide() async throws -> Decision {
            DecisionRules.decide(try await reader.evidence(for: gate, earlier: gates, of: cycle, at: standing))
        }
        var decision = try await decide()
        // Pilots cost minutes of training. So they run only where the decision would be to train, and the rules then
        // decide again with their learning curve.
        if decision.kind == .fineTune, let pilots, cycle.definition.fineTune?.pilot != nil {
            try await pilots.run(for: cycle, look: look, item: item)
            decision = try await decide()
        }
        try await stores.storeDecision(decision, cycle: id, look: look)
        await audit.note(cycle.useCase, name: cycle.definition.name)
        return .event(decision.promoted.map { .earlierPromoted($0) } ?? .decisionMade(decision.kind))
    }
}

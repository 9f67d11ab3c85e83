import FledgeCore
import FledgeDocument

/// Makes the release of an approved candidate and moves `champion` to it.
package struct ReleaseHandler: WorkHandler {
    private let stores: any CycleStore & ExperimentStore & DecisionStore & ReleaseStore
    private let models: ServerDirectory
    private let audit: EvidenceAudit

    package init(
        stores: any CycleStore & ExperimentStore & DecisionStore & ReleaseStore, models: ServerDirectory,
        audit: EvidenceAudit
    ) {
        self.stores = stores
        self.models = models
        self.audit = audit
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .makeRelease(let candidateID)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.workableCycle(id)
        try await audit.require(cycle.useCase, name: cycle.definition.name, cycle: id)
        let candidate = try await stores.candidate(candidateID)
        try await audit.require(adapter: candidate.adapter)
        guard let gate = try await stores.gates(of: id).last(where: { $0.candidate == candidateID }),
            gate.verdict == .passed
        else {
            throw FledgeError("release.no_passed_gate", "the candidate has not passed its gate in this cycle")
        }
        let model = try models.model(named: candidate.model, in: cycle.definition)
        let server = try await models.server(for: model, adapter: candidate.adapter)
        try await proveKey(of: model, server, asking: candidate, gate: gate, of: cycle)
        let approver = try await stores.history(of: cycle.useCase)
            .last { $0.cycle == cycle.number && $0.event == CycleEvent.Kind.approvalGiven.rawValue }?.actor
        let bundle = ReleaseBundle(
            useCase: cycle.definition.name, candidate: candidate,
            modelRevision: try await server.revision(of: model.name),
            definitionRevision: cycle.revision.number, definitionSHA256: cycle.revision.sha256,
            dataSHA256: cycle.snapshotSHA256, gate: gate, decision: try await stores.decisions(of: id).last,
            approvedBy: approver ?? "automatic")
        let release = try await stores.makeRelease(bundle, cycle: id)
        await audit.note(cycle.useCase, name: cycle.definition.name)
        return .event(.releaseMade(number: release.number))
    }

    /// Asks once more where all of the gate's answers came out of the cache: they may have been given to another key than
    /// the one that production would use.
    ///
    /// The call counts under the use case's cap; it is no sample, since it scores nobody.
    private func proveKey(
        of model: ModelDefinition, _ server: any ModelServer, asking candidate: Candidate, gate: GateResult,
        of cycle: Cycle
    ) async throws {
        guard model.endpoint.key != nil,
            let experiment = try await stores.experiment(cycle: cycle.id, purpose: .gate, round: gate.look)
        else { return }
        let id = candidate.id
        let hasCalled = try await stores.samples(of: experiment.id).contains { $0.candidate == id && !$0.fromCache }
        // The question comes from the prototype split: only gates look at the holdout.
        guard !hasCalled, let example = try await stores.examples(of: cycle.snapshot, in: .prototype).first else {
            return
        }
        let request = CompletionRequest(asking: candidate, about: example)
        let purse = models.treasury(of: cycle).purse(for: 1, atOnce: 1)
        do {
            _ = try await purse.pay(for: request, price: model.price) {
                try await server.complete(request, attempts: $0)
            }
        } catch {
            await purse.close()
            // A server that refuses the question itself has accepted the key.
            guard (error as? FledgeError)?.concernsOneQuestion == true else { throw error }
        }
        await purse.close()
    }
}

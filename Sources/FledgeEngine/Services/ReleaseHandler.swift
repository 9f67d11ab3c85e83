import FledgeCore
import FledgeDocument

/// Makes the release of an approved candidate and moves `champion` to it.
package struct ReleaseHandler: WorkHandler {
    private let stores: any Stores
    private let models: ServerDirectory

    package init(stores: any Stores, models: ServerDirectory) {
        self.stores = stores
        self.models = models
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .makeRelease(let candidateID)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.cycle(id)
        let candidate = try await stores.candidate(candidateID)
        guard let gate = try await stores.gates(of: id).last(where: { $0.candidate == candidateID }),
            gate.verdict == .passed
        else {
            throw FledgeError("release.no_passed_gate", "the candidate has not passed its gate in this cycle")
        }
        let model = try models.model(named: candidate.model, in: cycle.definition)
        let server = try await models.server(for: model, adapter: candidate.adapter)
        let approver = try await stores.history(of: cycle.useCase)
            .last { $0.cycle == cycle.number && $0.event == CycleEvent.Kind.approvalGiven.rawValue }?.actor
        let bundle = ReleaseBundle(
            useCase: cycle.definition.name, candidate: candidate,
            modelRevision: try await server.revision(of: model.name),
            definitionRevision: cycle.revision.number, definitionSHA256: cycle.revision.sha256,
            dataSHA256: cycle.snapshotSHA256, gate: gate, decision: try await stores.decisions(of: id).last,
            approvedBy: approver ?? "automatic")
        let release = try await stores.makeRelease(bundle, cycle: id)
        return .event(.releaseMade(number: release.number))
    }
}

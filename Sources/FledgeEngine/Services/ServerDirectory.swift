import FledgeCore
import FledgeDocument

/// Finds the server for a candidate, with every adapter loaded that a champion or an open cycle needs.
package struct ServerDirectory: Sendable {
    private let stores: any Stores
    private let catalog: any ModelCatalog
    private let artifacts: any ArtifactStore
    private let gates: ModelGates?

    /// - Parameter gates: where calls of all use cases take turns; nil for those that need not.
    package init(
        stores: any Stores, catalog: any ModelCatalog, artifacts: any ArtifactStore, gates: ModelGates? = nil
    ) {
        self.stores = stores
        self.catalog = catalog
        self.artifacts = artifacts
        self.gates = gates
    }

    /// - Parameters:
    ///   - adapter: one more adapter that the caller is about to ask.
    ///   - useCase: in whose turn the calls are made; nil for a few calls that take none.
    func server(
        for model: ModelDefinition, adapter: AdapterDigest?, of useCase: UseCaseID? = nil
    ) async throws -> any ModelServer {
        var wanted: [AdapterDigest] = model.endpoint == .local ? try await stores.adaptersInUse() : []
        if let adapter, !wanted.contains(adapter) { wanted.append(adapter) }
        var served: [ServedAdapter] = []
        for digest in wanted.sorted(by: { $0.rawValue < $1.rawValue }) {
            served.append(ServedAdapter(digest: digest, directory: try await artifacts.directory(of: digest)))
        }
        let server = MeasuredModelServer(try await catalog.server(for: model, adapters: served), model: model)
        guard let gates, let useCase else { return server }
        return await gates.gated(server, model, for: useCase)
    }

    func runner(for candidate: Candidate, of cycle: Cycle) async throws -> CompletionRunner {
        let model = try model(named: candidate.model, in: cycle.definition)
        return CompletionRunner(
            experiments: stores,
            server: try await server(for: model, adapter: candidate.adapter, of: cycle.useCase), model: model,
            metrics: cycle.definition.scoredMetrics, primary: cycle.definition.primaryMetric,
            judges: try judges(of: cycle), treasury: treasury(of: cycle))
    }

    func judges(of cycle: Cycle) throws -> [JudgeRunner] {
        try cycle.definition.judges.map { judge in
            JudgeRunner(
                store: stores, judge: judge, model: try model(named: judge.model, in: cycle.definition),
                cycle: cycle.id,
                isPrimary: cycle.definition.primaryMetric == .judged(judge), treasury: treasury(of: cycle)
            ) { try await server(for: $0, adapter: nil, of: cycle.useCase) }
        }
    }

    func treasury(of cycle: Cycle) -> Treasury { Treasury(store: stores, useCase: cycle.useCase) }

    func model(named name: String, in definition: UseCaseDefinition) throws -> ModelDefinition {
        guard let model = definition.models.first(where: { $0.name == name }) else {
            throw FledgeError(
                "model.unknown", "the definition names no model \(name)", hint: "add it to the Models block",
                exitCode: .configuration)
        }
        return model
    }
}

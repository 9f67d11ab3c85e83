import FledgeCore
import FledgeDocument

/// Finds the server for a candidate, with every adapter loaded that a champion or an open cycle needs.
package struct ServerDirectory: Sendable {
    private let stores: any Stores
    private let catalog: any ModelCatalog
    private let artifacts: any ArtifactStore

    package init(stores: any Stores, catalog: any ModelCatalog, artifacts: any ArtifactStore) {
        self.stores = stores
        self.catalog = catalog
        self.artifacts = artifacts
    }

    /// - Parameter adapter: one more adapter that the caller is about to ask.
    func server(for model: ModelDefinition, adapter: AdapterDigest?) async throws -> any ModelServer {
        var wanted: [AdapterDigest] = model.endpoint == .local ? try await stores.adaptersInUse() : []
        if let adapter, !wanted.contains(adapter) { wanted.append(adapter) }
        var served: [ServedAdapter] = []
        for digest in wanted.sorted(by: { $0.rawValue < $1.rawValue }) {
            served.append(ServedAdapter(digest: digest, directory: try await artifacts.directory(of: digest)))
        }
        return MeasuredModelServer(try await catalog.server(for: model, adapters: served), model: model)
    }

    func runner(for candidate: Candidate, of cycle: Cycle) async throws -> CompletionRunner {
        let model = try model(named: candidate.model, in: cycle.definition)
        return CompletionRunner(
            experiments: stores, server: try await server(for: model, adapter: candidate.adapter), model: model,
            metrics: cycle.definition.scoredMetrics, primary: cycle.definition.primaryMetric,
            judges: try judges(of: cycle))
    }

    func judges(of cycle: Cycle) throws -> [JudgeRunner] {
        try cycle.definition.judges.map { judge in
            JudgeRunner(
                store: stores, judge: judge, model: try model(named: judge.model, in: cycle.definition),
                cycle: cycle.id,
                isPrimary: cycle.definition.primaryMetric == .judged(judge)
            ) { try await server(for: $0, adapter: nil) }
        }
    }

    func model(named name: String, in definition: UseCaseDefinition) throws -> ModelDefinition {
        guard let model = definition.models.first(where: { $0.name == name }) else {
            throw FledgeError(
                "model.unknown", "the definition names no model \(name)", hint: "add it to the Models block",
                exitCode: .configuration)
        }
        return model
    }
}

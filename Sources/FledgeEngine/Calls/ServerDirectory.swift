import FledgeCore
import FledgeDocument
import Synchronization

/// Finds the server for a candidate, with the candidate's adapter loaded.
package struct ServerDirectory: Sendable {
    /// Adapters that a local server starts with, on the chance that somebody asks for them: a later one costs a start anew.
    private static let adaptersAtStart = 32

    private let stores: any CycleStore & ExperimentStore & JudgeStore & ReleaseStore & SpendStore
    private let catalog: any ModelCatalog
    private let artifacts: any ArtifactStore
    private let queues: CallQueues?
    private let started = StartedModels()
    private let scorers = KnownScorers()

    /// - Parameter queues: where calls of all use cases take turns; nil for those that need not.
    package init(
        stores: any CycleStore & ExperimentStore & JudgeStore & ReleaseStore & SpendStore, catalog: any ModelCatalog,
        artifacts: any ArtifactStore, queues: CallQueues? = nil
    ) {
        self.stores = stores
        self.catalog = catalog
        self.artifacts = artifacts
        self.queues = queues
    }

    /// - Parameters:
    ///   - adapter: one more adapter that the caller is about to ask.
    ///   - useCase: in whose turn the calls are made; nil for a few calls that take none.
    package func server(
        for model: ModelDefinition, adapter: AdapterDigest?, of useCase: UseCaseID? = nil
    ) async throws -> any ModelServer {
        var served: [ServedAdapter] = []
        if let adapter {
            served.append(ServedAdapter(digest: adapter, directory: try await artifacts.directory(of: adapter)))
        }
        if model.endpoint.isLocal, !started.contains(model) {
            served += try await adaptersAtStart(of: model, besides: adapter)
            started.insert(model)
        }
        let server = MeasuredModelServer(try await catalog.server(for: model, adapters: served), model: model)
        guard let queues, let useCase else { return server }
        return await queues.queued(server, model, for: useCase)
    }

    /// Only once in a daemon's life: what has ever been trained may be thousands of adapters, and each is hashed again.
    private func adaptersAtStart(
        of model: ModelDefinition, besides adapter: AdapterDigest?
    ) async throws -> [ServedAdapter] {
        var served: [ServedAdapter] = []
        let base = try await catalog.baseDigest(of: model)
        for digest in try await stores.adaptersLastUsed(Self.adaptersAtStart, of: base) where digest != adapter {
            // One that is not in order is the concern of the use case that asks for it.
            guard let directory = try? await artifacts.directory(of: digest) else { continue }
            served.append(ServedAdapter(digest: digest, directory: directory))
        }
        return served
    }

    func runner(for candidate: Candidate, of cycle: Cycle) async throws -> CompletionRunner {
        let model = try model(named: candidate.model, in: cycle.definition)
        return CompletionRunner(
            experiments: stores,
            server: try await server(for: model, adapter: candidate.adapter, of: cycle.useCase), model: model,
            metrics: cycle.definition.scoredMetrics, primary: cycle.definition.primaryMetric,
            scorer: try await scorer(of: cycle),
            judges: try judges(of: cycle), treasury: treasury(of: cycle))
    }

    /// What scores the cycle's answers, which knows the labels of its data.
    func scorer(of cycle: Cycle) async throws -> Scorer {
        if let known = scorers.known(cycle.id) { return known }
        let scorer = Scorer(
            for: cycle.definition, labels: try await stores.labels(of: cycle.snapshot), patternLimit: .onThread)
        scorers.keep(scorer, for: cycle.id)
        return scorer
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

/// The local models whose servers have been asked for before.
private final class StartedModels: Sendable {
    private struct Started: Hashable {
        var name: String
        var endpoint: ModelEndpoint
    }

    private let started = Mutex<Set<Started>>([])

    func contains(_ model: ModelDefinition) -> Bool {
        started.withLock { $0.contains(Started(name: model.name, endpoint: model.endpoint)) }
    }

    func insert(_ model: ModelDefinition) {
        started.withLock { _ = $0.insert(Started(name: model.name, endpoint: model.endpoint)) }
    }
}

/// The scorers of the cycles that were last worked on: making one reads every label of the data.
private final class KnownScorers: Sendable {
    private static let most = 32
    private let scorers = Mutex<[(cycle: CycleID, scorer: Scorer)]>([])

    func known(_ cycle: CycleID) -> Scorer? { scorers.withLock { $0.first { $0.cycle == cycle }?.scorer } }

    func keep(_ scorer: Scorer, for cycle: CycleID) {
        scorers.withLock {
            $0.removeAll { $0.cycle == cycle }
            $0.append((cycle, scorer))
            if $0.count > Self.most { $0.removeFirst() }
        }
    }
}

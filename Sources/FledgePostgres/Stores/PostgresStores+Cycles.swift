import FledgeCore
import FledgeDocument
import FledgeEngine

extension PostgresStores: CycleStore {
    package func openCycle(for useCase: UseCaseID, actor: String) async throws -> Cycle {
        try await cycles.openCycle(for: useCase, actor: actor)
    }

    package func head(of cycle: CycleID) async throws -> CycleHead { try await cycles.head(of: cycle) }

    package func waitingUseCases() async throws -> [UseCaseID] { try await cycles.waitingUseCases() }

    package func record(_ transition: Transition, finishing lease: WorkLease?) async throws {
        try await cycles.record(transition, finishing: lease)
    }

    package func apply(_ submissions: [DefinitionSubmission]) async throws -> [AppliedDefinition] {
        try await cycles.apply(submissions)
    }

    package func useCase(named name: String) async throws -> UseCaseID? { try await cycles.useCase(named: name) }

    package func latestRevision(of useCase: UseCaseID) async throws -> Revision? {
        try await cycles.latestRevision(of: useCase)
    }

    package func revision(_ number: Int, of useCase: UseCaseID) async throws -> Revision? {
        try await cycles.revision(number, of: useCase)
    }

    package func models() async throws -> [ModelDefinition] { try await cycles.models() }

    package func currentCycle(of useCase: UseCaseID) async throws -> Cycle? {
        try await cycles.currentCycle(of: useCase)
    }

    package func cycle(_ id: CycleID) async throws -> Cycle { try await cycles.cycle(id) }

    package func cycles(of useCase: UseCaseID) async throws -> [Cycle] { try await cycles.cycles(of: useCase) }

    package func examples(of snapshot: SnapshotID, in split: DatasetSplit) async throws -> [Example] {
        try await cycles.examples(of: snapshot, in: split)
    }

    package func settledLeaks(of snapshot: SnapshotID) async throws -> [ResolvedLeak] {
        try await cycles.settledLeaks(of: snapshot)
    }

    package func labels(of snapshot: SnapshotID) async throws -> [String] { try await cycles.labels(of: snapshot) }

    package func history(of useCase: UseCaseID) async throws -> [HistoryEntry] { try await cycles.history(of: useCase) }
}

import FledgeCore
import FledgeEngine

extension PostgresStores: HoldoutStore {
    package func holdoutSpent(cycle: CycleID, exceptLook look: Int?) async throws -> [HoldoutBudget.Spent] {
        try await holdout.holdoutSpent(cycle: cycle, exceptLook: look)
    }

    package func holdoutSpent(on rows: [SnapshotRow], of useCase: UseCaseID) async throws -> [HoldoutBudget.Spent] {
        try await holdout.holdoutSpent(on: rows, of: useCase)
    }

    package func earlierShare(
        of candidate: CandidateID, on examples: [ExampleID], cycle: CycleID, exceptLook look: Int
    ) async throws -> Double? {
        try await holdout.earlierShare(of: candidate, on: examples, cycle: cycle, exceptLook: look)
    }

    package func recordLook(
        cycle: CycleID, look: Int, candidate: CandidateID, examples: [ExampleID], share: Double, alpha: Double
    ) async throws {
        try await holdout.recordLook(
            cycle: cycle, look: look, candidate: candidate, examples: examples, share: share, alpha: alpha)
    }

    package func withdrawLook(cycle: CycleID, look: Int, because reason: String) async throws {
        try await holdout.withdrawLook(cycle: cycle, look: look, because: reason)
    }

    package func looks(of useCase: UseCaseID) async throws -> [HoldoutLook] { try await holdout.looks(of: useCase) }
}

extension PostgresStores: DecisionStore {
    package func storeGate(_ result: GateResult, cycle: CycleID, experiment: ExperimentID) async throws {
        try await decisions.storeGate(result, cycle: cycle, experiment: experiment)
    }

    package func gates(of cycle: CycleID) async throws -> [GateResult] { try await decisions.gates(of: cycle) }

    package func storeDecision(_ decision: Decision, cycle: CycleID, look: Int) async throws {
        try await decisions.storeDecision(decision, cycle: cycle, look: look)
    }

    package func decisions(of cycle: CycleID) async throws -> [Decision] { try await decisions.decisions(of: cycle) }

    package func decision(_ number: Int, of useCase: UseCaseID) async throws -> Decision? {
        try await decisions.decision(number, of: useCase)
    }
}

extension PostgresStores: ReleaseStore {
    package func makeRelease(_ bundle: ReleaseBundle, cycle: CycleID) async throws -> Release {
        try await releases.makeRelease(bundle, cycle: cycle)
    }

    package func releases(of useCase: UseCaseID) async throws -> [Release] { try await releases.releases(of: useCase) }

    package func moveChampion(
        of useCase: UseCaseID, to number: Int, actor: String, reason: String
    ) async throws -> Release {
        try await releases.moveChampion(of: useCase, to: number, actor: actor, reason: reason)
    }

    package func adaptersLastUsed(_ limit: Int, of base: Digest?) async throws -> [AdapterDigest] {
        try await releases.adaptersLastUsed(limit, of: base)
    }
}

import FledgeCore
import FledgeEngine
import Foundation

extension PostgresStores: SpendStore {
    package func cyclesPastCap(at moment: Date) async throws -> [CycleID] { try await spend.cyclesPastCap(at: moment) }

    package func reserve(
        _ count: Int, each: SpendAmount, for useCase: UseCaseID, addingTo reservation: Int64?, lease: Duration
    ) async throws -> SpendGrant {
        try await spend.reserve(count, each: each, for: useCase, addingTo: reservation, lease: lease)
    }

    package func charge(_ charges: [PurseState.Charge]) async throws { try await spend.charge(charges) }

    package func close(_ charges: [PurseState.Charge]) async throws { try await spend.close(charges) }

    package func spends(useCase: String?) async throws -> [UseCaseSpend] { try await spend.spends(useCase: useCase) }
}

extension PostgresStores: AllotmentStore {
    package func allot(
        _ resource: String, to holder: String, wanted: Int, inUse: Int, limit: Int, lease: Duration
    ) async throws -> Int {
        try await allotments.allot(resource, to: holder, wanted: wanted, inUse: inUse, limit: limit, lease: lease)
    }

    package func takePlace(_ resource: String, by holder: String, limit: Int, lease: Duration) async throws -> Bool {
        try await allotments.takePlace(resource, by: holder, limit: limit, lease: lease)
    }

    package func giveUp(_ resource: String, of holder: String) async throws {
        try await allotments.giveUp(resource, of: holder)
    }
}

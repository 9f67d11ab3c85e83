import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    package func spends(name: String?) async throws -> [UseCaseSpend] { try await get("spend" + query(name)) }

    package func settle(job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws
        -> TrainingJobView
    {
        try await post("jobs/\(job)/settlement", SettlementRequest(settlement: settlement, actor: actor))
    }
}

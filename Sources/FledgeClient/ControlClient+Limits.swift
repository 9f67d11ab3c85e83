import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    package func spends(name: String?) async throws -> [UseCaseSpend] {
        try await ask(Endpoints.spend, ListRequest(useCase: name))
    }

    package func settle(job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws
        -> TrainingJobView
    {
        let request = SettlementRequest(settlement: settlement, actor: actor)
        return try await ask(Endpoints.settlement, NumberedBodyRequest(job, request))
    }
}

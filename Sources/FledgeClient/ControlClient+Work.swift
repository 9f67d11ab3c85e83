import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    package func work(in states: [WorkState], name: String?, limit: Int) async throws -> [WorkView] {
        try await ask(Endpoints.openWork, WorkRequest(states: states, limit: limit, useCase: name))
    }

    package func retryWork(_ id: WorkItemID, actor: String) async throws -> WorkView {
        try await ask(Endpoints.retryWork, NumberedBodyRequest(id, WorkRetryRequest(actor: actor)))
    }
}

import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    package func work(in states: [WorkState], name: String?, limit: Int) async throws -> [WorkView] {
        let useCase = name.map { "&use-case=\(escaped($0))" } ?? ""
        let chosen = states.map(\.rawValue).joined(separator: "-")
        return try await get("work?states=\(chosen)&limit=\(limit)\(useCase)")
    }

    package func retryWork(_ id: WorkItemID, actor: String) async throws -> WorkView {
        try await post("work/\(id)/retry", WorkRetryRequest(actor: actor))
    }
}

import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    package func labelSheet(name: String, metric: String?, count: Int, actor: String) async throws -> LabelSheet {
        try await ask(
            Endpoints.labelSheet, LabelSheetRequest(name: name, count: count, actor: actor, metric: metric))
    }

    package func label(name: String, _ request: LabelRequest) async throws -> JudgeStatus {
        try await ask(Endpoints.label, NamedBodyRequest(name: name, request))
    }

    package func judges(name: String) async throws -> [JudgeStatus] {
        try await ask(Endpoints.judges, NamedRequest(name: name))
    }
}

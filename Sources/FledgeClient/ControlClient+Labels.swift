import FledgeCore
import FledgeEngine

extension ControlClient {
    package func labelSheet(name: String, metric: String?, count: Int, actor: String) async throws -> LabelSheet {
        let judge = metric.map { "&metric=\(escaped($0))" } ?? ""
        return try await get("use-cases/\(escaped(name))/labels?count=\(count)&actor=\(escaped(actor))\(judge)")
    }

    /// A local judge may have to be started first.
    package func label(name: String, _ request: LabelRequest) async throws -> JudgeStatus {
        try await post("use-cases/\(escaped(name))/labels", request, timeout: .seconds(120))
    }

    package func judges(name: String) async throws -> [JudgeStatus] {
        try await get("use-cases/\(escaped(name))/judges", timeout: .seconds(120))
    }
}

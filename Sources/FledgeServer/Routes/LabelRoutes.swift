import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// Labels from people, and how far judges can be trusted.
struct LabelRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("use-cases/:name/labels") { request, context in
            let query = request.uri.queryParameters
            let sheet = try await api.labelSheet(
                name: try context.useCaseName, metric: query.get("metric"),
                count: min(query.get("count", as: Int.self) ?? 50, 10_000), actor: query.get("actor") ?? "")
            return try Response.json(sheet)
        }
        group.post("use-cases/:name/labels") { request, context in
            let body = try await request.value(LabelRequest.self)
            return try Response.json(try await api.label(name: try context.useCaseName, body))
        }
        group.get("use-cases/:name/judges") { _, context in
            try Response.json(try await api.judges(name: try context.useCaseName))
        }
    }
}

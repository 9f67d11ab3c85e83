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
            // The answers are the holdout's neighbours: whoever may label may see them.
            let name = try await context.useCase(.operate, api)
            let sheet = try await api.labelSheet(
                name: name, metric: query.get("metric"),
                count: min(query.get("count", as: Int.self) ?? 50, 10_000),
                actor: try context.caller.labeller(claimed: query.get("actor") ?? ""))
            return try Response.json(sheet)
        }
        group.post("use-cases/:name/labels") { request, context in
            let name = try await context.useCase(.operate, api)
            var body = try await request.value(LabelRequest.self)
            body.actor = try context.caller.labeller(claimed: body.actor)
            return try Response.json(try await api.label(name: name, body))
        }
        group.get("use-cases/:name/judges") { _, context in
            try Response.json(try await api.judges(name: try await context.useCase(.read, api)))
        }
    }
}

import FledgeAPI
import FledgeEngine
import Hummingbird

/// Releases, and the pointer to the one in production.
struct ReleaseRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("use-cases/:name/releases") { _, context in
            try Response.json(try await api.releases(name: try context.useCaseName))
        }
        group.post("use-cases/:name/rollback") { request, context in
            let body = try await request.value(RollbackRequest.self)
            return try Response.json(
                try await api.rollback(
                    name: try context.useCaseName, to: body.number, actor: body.actor, reason: body.reason))
        }
        group.post("use-cases/:name/export") { request, context in
            let body = try await request.value(ExportRequest.self)
            return try Response.json(
                try await api.export(name: try context.useCaseName, number: body.number, into: body.directory))
        }
    }
}

import FledgeCore
import FledgeEngine
import Hummingbird

/// Whether the evidence is what was recorded.
struct AuditRoutes {
    let api: any ControlAPI

    /// - Parameter long: for what may compute for minutes.
    func add(to group: RouterGroup<ControlRouter.Context>, long: RouterGroup<ControlRouter.Context>) {
        group.get("audit") { _, context in
            try context.allow(.read)
            let reachable = try await context.reachable(api)
            return try Response.json(try await api.auditedNames().filter { reachable?.contains($0) ?? true })
        }
        long.get("audit/:name") { _, context in
            try Response.json(try await api.audit(name: try await context.useCase(.read, api)))
        }
        group.get("audit/:name/hashes") { _, context in
            try Response.json(try await api.auditHashes(name: try await context.useCase(.read, api)))
        }
        long.get("champions/adapters") { _, context in
            try context.allowEverywhere(.read)
            return try Response.json(try await api.championAdapters())
        }
    }
}

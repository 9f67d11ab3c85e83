import FledgeCore
import FledgeEngine
import Hummingbird

/// What was spent, and what is left.
struct LimitRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("spend") { request, context in
            let asked = try await context.useCases(.read, request, api)
            return try Response.json(try await api.spends(name: asked.name).filter { asked.isSeen($0.name) })
        }
    }
}

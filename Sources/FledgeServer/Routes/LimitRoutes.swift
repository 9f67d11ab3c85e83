import FledgeEngine
import Hummingbird

/// What was spent, and what is left.
struct LimitRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("spend") { request, _ in try Response.json(try await api.spends(name: request.useCase)) }
    }
}

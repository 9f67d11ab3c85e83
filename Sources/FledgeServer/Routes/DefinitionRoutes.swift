import FledgeEngine
import Hummingbird

/// Planning and applying definitions.
struct DefinitionRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.post("definitions/plan") { request, _ in
            try Response.json(try await api.plan(try await request.value(ApplyRequest.self)))
        }
        group.post("definitions/apply") { request, _ in
            try Response.json(try await api.apply(try await request.value(ApplyRequest.self)))
        }
    }
}

import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// The work queue, and dead work that is to be tried again.
struct WorkRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("work") { request, context in
            let asked = try await context.useCases(.read, request, api)
            let query = request.uri.queryParameters
            let names = (query.get("states") ?? "").split(separator: "-").map(String.init)
            let states = try names.map { name in
                guard let state = WorkState(rawValue: name), WorkState.open.contains(state) else {
                    throw FledgeError(
                        "work.unknown_state", "\(name) is not a state of open work",
                        hint: "one of " + WorkState.open.map(\.rawValue).joined(separator: ", "))
                }
                return state
            }
            return try Response.json(
                try await api.work(in: states, name: asked.name, limit: query.get("limit", as: Int.self) ?? 100)
                    .filter { asked.isSeen($0.useCase) })
        }
        group.post("work/:id/retry") { request, context in
            let id = try context.parameters.require("id", as: Int64.self)
            // Work says of which use case it is only when it is looked at.
            try context.allowEverywhere(.operate)
            let body = try await request.value(WorkRetryRequest.self)
            return try Response.json(
                try await api.retryWork(WorkItemID(id), actor: try context.caller.actor(claimed: body.actor)))
        }
    }
}

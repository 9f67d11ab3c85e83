import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// Training jobs and their logs.
struct JobRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("jobs") { request, context in
            let asked = try await context.useCases(.read, request, api)
            return try Response.json(try await api.jobs(name: asked.name).filter { asked.isSeen($0.useCase) })
        }
        group.post("jobs/:id/settlement") { request, context in
            let id = try await job(.operate, context)
            let body = try await request.value(SettlementRequest.self)
            if case .running(let externalID) = body.settlement {
                try InboundText.check(externalID, field: "externalID")
            }
            return try Response.json(
                try await api.settle(
                    job: id, as: body.settlement, actor: try context.caller.actor(claimed: body.actor)))
        }
        group.get("jobs/:id/log") { _, context in
            let id = try await job(.read, context)
            return try Response.json(try await api.log(job: id))
        }
        group.get("jobs/:id/golden") { _, context in
            let id = try await job(.read, context)
            return try Response.json(try await api.golden(job: id))
        }
    }

    /// The job of the path, of a use case that the caller may do this with.
    private func job(_ scope: AccessScope, _ context: ControlContext) async throws -> TrainingJobID {
        let id = TrainingJobID(try context.parameters.require("id", as: Int64.self))
        try context.allow(scope)
        if try context.caller.grant.isLimited {
            let useCase = try await api.jobs(name: nil).first { $0.id == id }?.useCase
            try await context.allow(scope, on: useCase ?? "", api)
        }
        return id
    }
}

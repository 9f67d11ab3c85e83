import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// Training jobs and their logs.
struct JobRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("jobs") { request, _ in try Response.json(try await api.jobs(name: request.useCase)) }
        group.post("jobs/:id/settlement") { request, context in
            let id = try context.parameters.require("id", as: Int64.self)
            let body = try await request.value(SettlementRequest.self)
            return try Response.json(
                try await api.settle(job: TrainingJobID(id), as: body.settlement, actor: body.actor))
        }
        group.get("jobs/:id/log") { _, context in
            let id = try context.parameters.require("id", as: Int64.self)
            return try Response.json(try await api.log(job: TrainingJobID(id)))
        }
        group.get("jobs/:id/golden") { _, context in
            let id = try context.parameters.require("id", as: Int64.self)
            return try Response.json(try await api.golden(job: TrainingJobID(id)))
        }
    }
}

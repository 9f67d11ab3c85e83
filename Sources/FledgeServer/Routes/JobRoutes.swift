import FledgeCore
import FledgeEngine
import Hummingbird

/// Training jobs and their logs.
struct JobRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("jobs") { request, _ in try Response.json(try await api.jobs(name: request.useCase)) }
        group.get("jobs/:id/log") { _, context in
            let id = try context.parameters.require("id", as: Int64.self)
            return try Response.json(try await api.log(job: TrainingJobID(id)))
        }
    }
}

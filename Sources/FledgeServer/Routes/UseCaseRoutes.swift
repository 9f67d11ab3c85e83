import FledgeAPI
import FledgeEngine
import Hummingbird

/// Where use cases stand, why, and commands to them.
struct UseCaseRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("use-cases") { _, _ in try Response.json(try await api.statuses(name: nil)) }
        group.get("use-cases/:name") { _, context in
            try Response.json(try await api.statuses(name: try context.useCaseName))
        }
        group.get("use-cases/:name/history") { _, context in
            try Response.json(try await api.history(name: try context.useCaseName))
        }
        group.get("use-cases/:name/explanation") { _, context in
            try Response.json(try await api.explain(name: try context.useCaseName))
        }
        group.get("use-cases/:name/decisions/:number") { _, context in
            let number = try context.parameters.require("number", as: Int.self)
            return try Response.json(try await api.decision(name: try context.useCaseName, number: number))
        }
        group.get("use-cases/:name/replay") { _, context in
            try Response.json(try await api.replay(name: try context.useCaseName))
        }
        group.get("use-cases/:name/data") { _, context in
            try Response.json(try await api.dataReport(name: try context.useCaseName))
        }
        group.get("use-cases/:name/holdout") { _, context in
            try Response.json(try await api.holdout(name: try context.useCaseName))
        }
        group.get("use-cases/:name/experiments") { _, context in
            try Response.json(try await api.experiments(name: try context.useCaseName))
        }
        group.post("use-cases/:name/commands") { request, context in
            let body = try await request.value(CommandRequest.self)
            return try Response.json(try await api.send(body.command, to: try context.useCaseName, actor: body.actor))
        }
    }
}

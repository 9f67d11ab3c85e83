import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// Where use cases stand, why, and commands to them.
struct UseCaseRoutes {
    let api: any ControlAPI

    /// A page has so many use cases where its reader asks for more.
    private static let largestPage = 10_000

    private static func limit(_ text: String) throws -> Int {
        guard let limit = Int(text), limit > 0 else {
            throw FledgeError("request.bad_limit", "\(text) is no number of use cases", exitCode: .usage)
        }
        return limit
    }

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("use-cases") { request, _ in
            let query = request.uri.queryParameters
            // A reader of before pages were asks for all.
            guard let limit = query.get("limit") else { return try Response.json(try await api.statuses(name: nil)) }
            return try Response.json(
                try await api.statuses(
                    after: query.get("after"), limit: min(try Self.limit(limit), Self.largestPage)))
        }
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

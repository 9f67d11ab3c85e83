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
            throw FledgeError("request.bad_limit", "\(text) is no number of use cases")
        }
        return limit
    }

    /// - Parameter long: for what may compute for minutes.
    func add(to group: RouterGroup<ControlRouter.Context>, long: RouterGroup<ControlRouter.Context>) {
        group.get("use-cases") { request, context in
            try context.allow(.read)
            let query = request.uri.queryParameters
            // A reader of before pages were asks for all.
            let limit = try query.get("limit").map { min(try Self.limit($0), Self.largestPage) }
            if let names = try await context.reachable(api) {
                let after = query.get("after") ?? ""
                let seen = try await names.filter { $0 > after }.sorted().prefix(limit ?? .max).asyncFlatMap { name in
                    // A token may name one that there is not yet.
                    do { return try await api.statuses(name: name) } catch let error as FledgeError
                        where error.code == .useCaseUnknown
                    { return [] }
                }
                return try Response.json(seen)
            }
            guard let limit else { return try Response.json(try await api.statuses(name: nil)) }
            return try Response.json(try await api.statuses(after: query.get("after"), limit: limit))
        }
        group.get("use-cases/:name") { _, context in
            try Response.json(try await api.statuses(name: try await context.useCase(.read, api)))
        }
        group.get("use-cases/:name/history") { _, context in
            try Response.json(try await api.history(name: try await context.useCase(.read, api)))
        }
        group.get("use-cases/:name/explanation") { _, context in
            try Response.json(try await api.explain(name: try await context.useCase(.read, api)))
        }
        group.get("use-cases/:name/decisions/:number") { _, context in
            let number = try context.parameters.require("number", as: Int.self)
            return try Response.json(
                try await api.decision(name: try await context.useCase(.read, api), number: number))
        }
        long.get("use-cases/:name/replay") { _, context in
            try Response.json(try await api.replay(name: try await context.useCase(.read, api)))
        }
        group.get("use-cases/:name/data") { _, context in
            try Response.json(try await api.dataReport(name: try await context.useCase(.read, api)))
        }
        group.get("use-cases/:name/holdout") { _, context in
            try Response.json(try await api.holdout(name: try await context.useCase(.read, api)))
        }
        group.get("use-cases/:name/experiments") { _, context in
            try Response.json(try await api.experiments(name: try await context.useCase(.read, api)))
        }
        group.post("use-cases/:name/commands") { request, context in
            let body = try await request.value(CommandRequest.self)
            let name = try await context.useCase(body.command.scope, api)
            let actor = try context.caller.actor(claimed: body.actor)
            return try Response.json(try await api.send(body.command, to: name, actor: actor))
        }
    }
}

extension CycleCommand {
    /// What it takes to send it.
    fileprivate var scope: AccessScope {
        switch self {
        case .approve, .reject: .approve
        case .pause, .resume, .retry, .cancel, .retire: .operate
        }
    }
}

extension Sequence {
    fileprivate func asyncFlatMap<Value>(_ transform: (Element) async throws -> [Value]) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values += try await transform(element) }
        return values
    }
}

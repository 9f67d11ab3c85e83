import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// Who asks, and the tokens that let others in.
struct AccessRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("caller") { _, context in
            let caller = try context.caller
            return try Response.json(CallerView(name: caller.name, grant: caller.grant))
        }
        group.get("tokens") { _, context in
            try context.allowTokens()
            return try Response.json(try await api.tokens())
        }
        group.post("tokens") { request, context in
            try context.allowTokens()
            let body = try await request.value(TokenRequest.self)
            var response = try Response.json(try await api.createToken(body, actor: try context.caller.name))
            response.headers[.cacheControl] = "no-store"
            return response
        }
        group.post("tokens/:name/revoke") { _, context in
            try context.allowTokens()
            let name = try context.useCaseName
            return try Response.json(try await api.revokeToken(name, actor: try context.caller.name))
        }
    }
}

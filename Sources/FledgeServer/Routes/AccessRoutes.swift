import FledgeAPI
import FledgeCore
import FledgeEngine

/// Who asks, and the tokens that let others in.
enum AccessRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.caller) { _, visit in CallerView(name: visit.caller.name, grant: visit.caller.grant) }
        routes.add(Endpoints.tokens) { _, _ in try await api.tokens() }
        routes.add(Endpoints.createToken) { asked, visit in
            try await api.createToken(asked.body, actor: visit.caller.name)
        }
        routes.add(Endpoints.revokeToken) { asked, visit in
            try await api.revokeToken(asked.name, actor: visit.caller.name)
        }
    }
}

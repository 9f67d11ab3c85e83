import FledgeAPI
import FledgeCore
import FledgeEngine

/// What was spent, and what is left.
enum LimitRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.spend) { asked, visit in
            try await api.spends(name: asked.useCase).filter { visit.isSeen($0.name) }
        }
    }
}

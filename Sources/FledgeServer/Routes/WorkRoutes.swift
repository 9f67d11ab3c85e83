import FledgeAPI
import FledgeCore
import FledgeEngine

/// The work queue, and dead work that is to be tried again.
enum WorkRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.openWork) { asked, visit in
            try await api.work(
                in: asked.states?.states ?? [], name: asked.useCase, limit: asked.limit?.value ?? 100
            ).filter { visit.isSeen($0.useCase) }
        }
        routes.add(Endpoints.retryWork) { asked, visit in
            try await api.retryWork(asked.identifier, actor: try visit.actor(asked.body.actor))
        }
    }
}

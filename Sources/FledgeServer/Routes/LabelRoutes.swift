import FledgeAPI
import FledgeCore
import FledgeEngine

/// Labels from people, and how far judges can be trusted.
enum LabelRoutes {
    /// Answers on a sheet where its reader names no number, and at most.
    private static let (usual, most) = (50, 10_000)

    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.labelSheet) { asked, visit in
            try await api.labelSheet(
                name: asked.name, metric: asked.metric, count: min(asked.count?.value ?? usual, most),
                actor: try visit.caller.labeller(claimed: asked.actor ?? ""))
        }
        routes.add(Endpoints.label) { asked, visit in
            var body = asked.body
            body.actor = try visit.caller.labeller(claimed: body.actor)
            return try await api.label(name: asked.name, body)
        }
        routes.add(Endpoints.judges) { asked, _ in try await api.judges(name: asked.name) }
    }
}

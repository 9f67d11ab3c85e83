import FledgeAPI
import FledgeEngine

/// Whether the evidence is what was recorded.
enum AuditRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.auditedNames) { _, visit in
            let reachable = try await visit.context.reachable(api)
            return try await api.auditedNames().filter { reachable?.contains($0) ?? true }
        }
        routes.add(Endpoints.auditReport) { asked, _ in try await api.audit(name: asked.name) }
        routes.add(Endpoints.auditHashes) { asked, _ in try await api.auditHashes(name: asked.name) }
        routes.add(Endpoints.championAdapters) { _, _ in try await api.championAdapters() }
    }
}

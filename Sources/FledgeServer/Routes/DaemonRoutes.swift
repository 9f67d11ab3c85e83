import FledgeAPI
import FledgeEngine

/// The daemon itself, the model servers that it reaches, and what it can be asked.
enum DaemonRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.daemonStatus) { _, _ in try await api.daemonStatus() }
        routes.add(Endpoints.models) { _, _ in try await api.models() }
        routes.add(Endpoints.openAPI) { _, _ in try OpenAPIDocument.document }
    }
}

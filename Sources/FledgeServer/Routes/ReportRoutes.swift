import FledgeAPI
import FledgeCore
import FledgeEngine

/// Reports that were written, and one on demand.
enum ReportRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.reports) { asked, visit in
            try await api.reports(name: asked.useCase).filter { visit.isSeen($0.useCase) }
        }
        routes.add(Endpoints.reportNow) { asked, visit in
            if let name = asked.body.useCase {
                try await visit.context.allow(.operate, on: name, api)
            } else {
                try visit.context.allowEverywhere(.operate)
            }
            return try await api.reportNow(name: asked.body.useCase, formats: asked.body.formats)
        }
    }
}

import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird

/// Reports that were written, and one on demand.
struct ReportRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("reports") { request, context in
            let asked = try await context.useCases(.read, request, api)
            return try Response.json(try await api.reports(name: asked.name).filter { asked.isSeen($0.useCase) })
        }
        group.post("reports") { request, context in
            try context.allow(.operate)
            let body = try await request.value(ReportNowRequest.self)
            if let name = body.useCase {
                try await context.allow(.operate, on: name, api)
            } else {
                try context.allowEverywhere(.operate)
            }
            return try Response.json(try await api.reportNow(name: body.useCase, formats: body.formats))
        }
    }
}

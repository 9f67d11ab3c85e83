import FledgeAPI
import FledgeEngine
import Hummingbird

/// Reports that were written, and one on demand.
struct ReportRoutes {
    let api: any ControlAPI

    func add(to group: RouterGroup<ControlRouter.Context>) {
        group.get("reports") { request, _ in try Response.json(try await api.reports(name: request.useCase)) }
        group.post("reports") { request, _ in
            let body = try await request.value(ReportNowRequest.self)
            return try Response.json(try await api.reportNow(name: body.useCase, formats: body.formats))
        }
    }
}

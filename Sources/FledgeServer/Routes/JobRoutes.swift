import FledgeAPI
import FledgeCore
import FledgeEngine

/// Training jobs and their logs.
enum JobRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.jobs) { asked, visit in
            try await api.jobs(name: asked.useCase).filter { visit.isSeen($0.useCase) }
        }
        routes.add(Endpoints.settlement) { asked, visit in
            if case .running(let externalID) = asked.body.settlement {
                try InboundText.check(externalID, field: "externalID")
            }
            return try await api.settle(
                job: asked.identifier, as: asked.body.settlement, actor: try visit.actor(asked.body.actor))
        }
        routes.add(Endpoints.jobLog) { asked, _ in try await api.log(job: asked.identifier) }
        routes.add(Endpoints.golden) { asked, _ in try await api.golden(job: asked.identifier) }
    }
}

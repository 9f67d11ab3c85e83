import FledgeAPI
import FledgeCore
import FledgeEngine

/// Where use cases stand, why, and commands to them.
enum UseCaseRoutes {
    static func add(to routes: ControlRoutes) {
        let api = routes.api
        routes.add(Endpoints.statuses) { asked, visit in
            // A reader of before pages were asks for all.
            let limit = asked.limit?.value
            if let names = try await visit.context.reachable(api) {
                let after = asked.after ?? ""
                return try await names.filter { $0 > after }.sorted().prefix(limit ?? .max).asyncFlatMap { name in
                    // A token may name one that there is not yet.
                    do { return try await api.statuses(name: name) } catch let error as FledgeError
                        where error.code == .useCaseUnknown
                    { return [] }
                }
            }
            guard let limit else { return try await api.statuses(name: nil) }
            return try await api.statuses(after: asked.after, limit: limit)
        }
        routes.add(Endpoints.status) { asked, _ in try await api.statuses(name: asked.name) }
        routes.add(Endpoints.history) { asked, _ in try await api.history(name: asked.name) }
        routes.add(Endpoints.explanation) { asked, _ in try await api.explain(name: asked.name) }
        routes.add(Endpoints.decision) { asked, _ in try await api.decision(name: asked.name, number: asked.number) }
        routes.add(Endpoints.replay) { asked, _ in try await api.replay(name: asked.name) }
        routes.add(Endpoints.dataReport) { asked, _ in try await api.dataReport(name: asked.name) }
        routes.add(Endpoints.holdout) { asked, _ in try await api.holdout(name: asked.name) }
        routes.add(Endpoints.experiments) { asked, _ in try await api.experiments(name: asked.name) }
        routes.add(Endpoints.command) { asked, visit in
            try await visit.context.allow(asked.body.command.scope, on: asked.name, api)
            return try await api.send(
                asked.body.command, to: asked.name, actor: try visit.actor(asked.body.actor))
        }
    }
}

extension Sequence {
    fileprivate func asyncFlatMap<Value>(_ transform: (Element) async throws -> [Value]) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values += try await transform(element) }
        return values
    }
}

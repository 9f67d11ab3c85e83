import FledgeAPI
import FledgeCore
import FledgeEngine
import Hummingbird
import OpenMetrics

/// What supervisors and collectors ask for.
package struct ControlProbes: Sendable {
    let readiness: @Sendable () async -> Readiness
    let metrics: @Sendable () async -> String

    package init(
        readiness: @escaping @Sendable () async -> Readiness = { Readiness([]) },
        metrics: @escaping @Sendable () async -> String = { OpenMetricsText.render([]) }
    ) {
        self.readiness = readiness
        self.metrics = metrics
    }
}

/// `/livez`, `/readyz` and `/metrics`.
///
/// The first two are for everybody: a supervisor has no token, and they tell codes alone. Metrics tell how much is done and
/// what it costs, and want a token on TCP.
struct ProbeRoutes {
    let probes: ControlProbes

    func add(to router: Router<ControlRouter.Context>, door: ControlRouter.Door) {
        // The process answers: nothing else is looked at. A supervisor that restarted daemons because the database is away
        // would make an outage longer.
        router.on(Endpoints.liveness.facts) { _, _ in .text("ok\n", Endpoints.liveness.facts) }
        router.on(Endpoints.readiness.facts) { [probes] _, _ in
            let readiness = await probes.readiness()
            return try .json(readiness, status: readiness.isReady ? .ok : .serviceUnavailable)
        }
        let guarded = router.group()
        switch door {
        case .socket: guarded.add(middleware: PeerMiddleware())
        case .network(let book, let hosts):
            guarded.add(middleware: HostMiddleware(hosts: hosts))
            guarded.add(middleware: TokenMiddleware(book: book, hasMetrics: true))
        }
        guarded.on(Endpoints.metrics.facts) { [probes] _, context in
            try context.allowEverywhere(.read)
            return .text(await probes.metrics(), Endpoints.metrics.facts)
        }
    }
}

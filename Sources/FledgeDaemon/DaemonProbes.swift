import FledgeEngine
import FledgePostgres
import FledgeServer
import Foundation
import OpenMetrics
import PostgresClient

/// Puts together the answers to health checks (is it alive, is it ready) and the page of metrics.
struct DaemonProbes: Sendable {
    let control: ControlProbes

    /// - Parameters:
    ///   - pool: the daemon's connections, whose number and use the metrics show.
    ///   - probe: the store that health checks ask, over a connection of its own.
    init(
        services: OrchestratorServices, pool: PostgresPool, probe: PostgresFleet, registry: MetricsRegistry,
        exporter: SpanExportService?, startedAt: Date
    ) {
        let readiness = ReadinessCheck(
            pulses: [("worker", services.worker.pulse), ("scheduler", services.scheduler.pulse)],
            ping: { try await probe.ping() })
        let page = MetricsPage(registry: registry, fleet: probe) {
            Self.families(startedAt: startedAt, connections: pool.occupancy) + (exporter?.families ?? [])
        }
        control = ControlProbes(readiness: { await readiness.look() }, metrics: { await page.render() })
    }

    private static func families(startedAt: Date, connections: PostgresPool.Occupancy) -> [MetricFamily] {
        ProcessFigures.families(startedAt: startedAt.timeIntervalSince1970) + [
            MetricFamily(
                MetricDescription("fledge_build", .info, "The version of the daemon."),
                [MetricSample("_info", [MetricLabel("version", FledgeVersion.current)], 1)]),
            .gauge(
                "fledge_uptime_seconds", unit: "seconds", "How long the daemon has run.",
                [MetricSample(max(0, Date().timeIntervalSince(startedAt)))]),
            .gauge(
                "fledge_database_connections", "Connections of the daemon's pool, by state.",
                [("idle", connections.idle), ("leased", connections.leased)]
                    .map { MetricSample(Double($0.1), [MetricLabel("state", $0.0)]) }),
            .gauge(
                "fledge_database_connections_allowed", "The most connections that the pool opens.",
                [MetricSample(Double(connections.maximum))]),
            .gauge(
                "fledge_database_waiting", "Callers that wait for a connection of the pool.",
                [MetricSample(Double(connections.waiting))]),
        ]
    }
}

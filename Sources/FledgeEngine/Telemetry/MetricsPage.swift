import FledgeCore
import OpenMetrics

/// What `/metrics` shows: this process's own figures, and the database's, which are fetched every few seconds at most.
package struct MetricsPage: Sendable {
    private let registry: MetricsRegistry
    private let fleet: Cached<FleetFigures?>
    private let own: @Sendable () -> [MetricFamily]

    /// - Parameters:
    ///   - own: further families of this process.
    ///   - maximumAge: how long the database's figures are shown.
    package init(
        registry: MetricsRegistry, fleet: any FleetStore, maximumAge: Duration = .seconds(5),
        own: @escaping @Sendable () -> [MetricFamily]
    ) {
        self.registry = registry
        self.fleet = Cached(for: maximumAge) { try? await fleet.fleetFigures() }
        self.own = own
    }

    /// OpenMetrics text. While the database is away its figures are left out, and `fledge_database_up` is 0.
    package func render() async -> String {
        let figures = await fleet.value(within: .seconds(2)) ?? nil
        var families = registry.snapshot() + own()
        families.append(
            .gauge("fledge_database_up", "Whether the database answers.", [MetricSample(figures == nil ? 0 : 1)]))
        for family in (figures ?? FleetFigures()).families {
            families.append(figures == nil ? MetricFamily(family.description, []) : family)
        }
        return OpenMetricsText.render(families)
    }
}

import CoreMetrics
import Synchronization

/// Keeps what is measured through swift-metrics, for `/metrics` to show.
///
/// Families are described beforehand; one that is not gets the kind that it is first asked for as, and no help. What is
/// asked for as another kind than it is goes nowhere.
package final class MetricsRegistry: MetricsFactory, Sendable {
    private struct Family {
        let description: MetricDescription
        var series: [[MetricLabel]: any MetricSeries] = [:]
    }

    /// Sets of labels that a family keeps apart: those that come later are counted together, as `other`. A label whose
    /// values have no bound would otherwise fill the memory of this process and of whoever reads it.
    package let maximumSeries: Int
    private let families: Mutex<[String: Family]>

    package init(_ descriptions: [MetricDescription], maximumSeries: Int = 200) {
        self.maximumSeries = maximumSeries
        families = Mutex(
            Dictionary(descriptions.map { ($0.name, Family(description: $0)) }) { first, _ in first })
    }

    /// Every family as it stands now, also those without a sample: what there is to see is seen from the first moment.
    package func snapshot() -> [MetricFamily] {
        families.withLock { $0 }.values.map { family in
            let series = family.series.sorted { left, right in
                left.key.lexicographicallyPrecedes(right.key) { ($0.name, $0.value) < ($1.name, $1.value) }
            }
            return MetricFamily(
                family.description, series.flatMap { $0.value.samples($0.key, of: family.description) })
        }
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, as: .counter) { _ in CounterSeries() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, as: .gauge) { _ in GaugeSeries() }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if !aggregate { return series(label, dimensions, as: .gauge) { _ in GaugeSeries() } }
        return series(label, dimensions, as: MetricDescription.durations) { HistogramSeries(bounds: $0) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, as: MetricDescription.durations) { HistogramSeries(bounds: $0) }
    }

    // Series are kept until the process ends: one that disappeared and came back would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    // MARK: Series

    private func series<Series: MetricSeries>(
        _ label: String, _ dimensions: [(String, String)], as kind: MetricDescription.Kind, make: ([Double]) -> Series
    ) -> Series {
        let name = Self.name(label)
        let labels = dimensions.map { MetricLabel(Self.name($0.0), $0.1) }
        return families.withLock { families in
            var family = families[name] ?? Family(description: MetricDescription(name, kind, ""))
            let bounds: [Double]
            switch (family.description.kind, kind) {
            case (.histogram(let own), .histogram): bounds = own
            case (.counter, .counter), (.gauge, .gauge): bounds = []
            default: return make([])
            }
            if let known = family.series[labels] as? Series { return known }
            let isFull = family.series.count >= maximumSeries
            let key = isFull ? labels.map { MetricLabel($0.name, "other") } : labels
            let series = family.series[key] as? Series ?? make(bounds)
            family.series[key] = series
            families[name] = family
            return series
        }
    }

    /// A name as the format takes it: letters, digits and underscores, not beginning with a digit.
    private static func name(_ text: String) -> String {
        var name = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar {
                    case "a"..."z", "A"..."Z", "0"..."9": scalar
                    default: "_"
                    }
                }))
        if name.isEmpty || name.first?.isNumber == true { name = "_" + name }
        return name
    }
}

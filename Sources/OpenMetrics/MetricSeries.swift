import CoreMetrics
import Synchronization

/// The numbers of one set of labels, as handlers of swift-metrics write them.
protocol MetricSeries: Sendable {
    func samples(_ labels: [MetricLabel], of description: MetricDescription) -> [MetricSample]
}

final class CounterSeries: MetricSeries, CounterHandler {
    private let count = Atomic<Int64>(0)

    // A counter that went down would be read as a restart.
    func increment(by amount: Int64) { if amount > 0 { count.add(amount, ordering: .relaxed) } }
    func reset() { count.store(0, ordering: .relaxed) }

    func samples(_ labels: [MetricLabel], of description: MetricDescription) -> [MetricSample] {
        [MetricSample("_total", labels, Double(count.load(ordering: .relaxed)) * description.scale)]
    }
}

final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }

    func samples(_ labels: [MetricLabel], of description: MetricDescription) -> [MetricSample] {
        [MetricSample("", labels, value.withLock { $0 } * description.scale)]
    }
}

final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    private struct Numbers {
        var counts: [Int]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let numbers: Mutex<Numbers>

    init(bounds: [Double]) {
        self.bounds = bounds
        numbers = Mutex(Numbers(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        numbers.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    func samples(_ labels: [MetricLabel], of description: MetricDescription) -> [MetricSample] {
        let numbers = numbers.withLock { $0 }
        var total = 0
        var samples = zip(bounds + [.infinity], numbers.counts).map { bound, count in
            total += count
            return MetricSample(
                "_bucket", labels + [MetricLabel("le", OpenMetricsText.bound(bound))], Double(total))
        }
        samples.append(MetricSample("_count", labels, Double(total)))
        samples.append(MetricSample("_sum", labels, numbers.sum * description.scale))
        return samples
    }
}

/// A label's name with its value.
package struct MetricLabel: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One line of a family.
package struct MetricSample: Sendable, Hashable {
    /// What follows the family's name: `_total`, `_bucket`, or nothing.
    package let suffix: String
    package let labels: [MetricLabel]
    package let value: Double

    package init(_ suffix: String, _ labels: [MetricLabel], _ value: Double) {
        self.suffix = suffix
        self.labels = labels
        self.value = value
    }

    /// A gauge's.
    package init(_ value: Double, _ labels: [MetricLabel] = []) { self.init("", labels, value) }
}

/// A family as it stands at one moment.
package struct MetricFamily: Sendable, Hashable {
    package let description: MetricDescription
    package var samples: [MetricSample]

    package init(_ description: MetricDescription, _ samples: [MetricSample]) {
        self.description = description
        self.samples = samples
    }

    package static func gauge(
        _ name: String, unit: String = "", _ help: String, _ samples: [MetricSample]
    ) -> MetricFamily {
        MetricFamily(MetricDescription(name, .gauge, unit: unit, help), samples)
    }
}

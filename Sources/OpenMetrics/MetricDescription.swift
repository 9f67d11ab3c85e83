/// What a family of metrics is: its name, its unit, and what it tells.
package struct MetricDescription: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case counter
        case gauge
        /// The upper bounds of its buckets, ascending, without the last, which has none.
        case histogram(bounds: [Double])
        case info
    }

    /// Without the suffixes of samples (`_total`, `_bucket`, …); ends with the unit where there is one.
    package let name: String
    package let kind: Kind
    /// A base unit: `seconds`, `bytes`, `dollars`; empty for a mere number.
    package let unit: String
    package let help: String
    /// What one that is counted is in the unit: 0.000001 where micro-dollars are counted as dollars.
    package let scale: Double

    package init(_ name: String, _ kind: Kind, unit: String = "", _ help: String, scale: Double = 1) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        self.scale = scale
    }

    /// From a millisecond to five minutes: what a call or a piece of work takes.
    package static let durations: Kind = .histogram(bounds: [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
    ])
}

/// Families in the text format of OpenMetrics 1.0.
///
/// Source: OpenMetrics 1.0, "Text format": a family's lines stand together, metadata first, and the text ends with `# EOF`.
package enum OpenMetricsText {
    package static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families.sorted(by: { $0.description.name < $1.description.name }) { append(family, to: &text) }
        return text + "# EOF\n"
    }

    private static func append(_ family: MetricFamily, to text: inout String) {
        let description = family.description
        let type =
            switch description.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            case .info: "info"
            }
        text += "# TYPE \(description.name) \(type)\n"
        if !description.unit.isEmpty { text += "# UNIT \(description.name) \(description.unit)\n" }
        if !description.help.isEmpty { text += "# HELP \(description.name) \(escaped(description.help))\n" }
        for sample in family.samples {
            text += description.name + sample.suffix
            if !sample.labels.isEmpty {
                text += "{"
                text += sample.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
                text += "}"
            }
            text += " \(number(sample.value))\n"
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whole numbers without a fraction, as long as a reader that has doubles gets the same.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }

    /// A bucket's bound in its canonical form, which always has a fraction or an exponent.
    static func bound(_ value: Double) -> String { value == .infinity ? "+Inf" : "\(value)" }
}

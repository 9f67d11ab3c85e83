import FledgeCore

/// Charts as SVG, each with a title and a description in words.
///
/// Colours come from the page's style sheet by class, so that they follow light and dark.
struct ReportCharts {
    /// One row of an interval chart.
    struct Row {
        var name: String
        var value: Double
        var lower: Double
        var upper: Double
        var style: String
        var note: String
    }

    private static let width = 520.0
    private static let labels = 170.0

    /// Values with their intervals on a common axis from 0, and the bar that they are held against.
    static func intervals(_ rows: [Row], bar: Double?, maximum: Double, id: String, title: String, description: String)
        -> String
    {
        let rowHeight = 26.0
        let bottom = Double(rows.count) * rowHeight + 12
        func x(_ value: Double) -> Double { labels + min(max(value / maximum, 0), 1) * (width - labels - 56) }
        var body = ""
        for step in 0...4 {
            let value = maximum * Double(step) / 4
            body += line("grid", x(value), 6, x(value), bottom)
            body += text(
                "axis", x(value), bottom + 15, ReportText.number(value, digits: maximum <= 1 ? 2 : 1), anchor: "middle")
        }
        if let bar {
            body += line("bar", x(bar), 0, x(bar), bottom)
        }
        for (index, row) in rows.enumerated() {
            let y = Double(index) * rowHeight + 20
            body += text("label", labels - 10, y + 4, shortened(row.name), anchor: "end")
            body += line("reach \(row.style)", x(row.lower), y, x(row.upper), y)
            body += #"<circle class="dot \#(row.style)" cx="\#(point(x(row.value)))" cy="\#(point(y))" r="4.5"/>"#
            body += text("axis", width - 4, y + 4, row.note, anchor: "end")
        }
        return svg(body, height: bottom + 24, id: id, title: title, description: description)
    }

    /// Training and validation loss over steps.
    static func losses(_ points: [TrainingPoint], id: String) -> String? {
        let training = points.compactMap { point in point.loss.map { (Double(point.step), $0) } }.filter {
            $0.1.isFinite
        }
        let validation = points.compactMap { point in point.validationLoss.map { (Double(point.step), $0) } }.filter {
            $0.1.isFinite
        }
        let all = training + validation
        guard let last = all.map(\.0).max(), let top = all.map(\.1).max(), last > 0, top > 0 else { return nil }
        let (left, right, bottom) = (44.0, width - 14, 190.0)
        func x(_ step: Double) -> Double { left + step / last * (right - left) }
        func y(_ loss: Double) -> Double { bottom - loss / top * (bottom - 14) }
        var body = ""
        for step in 0...4 {
            let loss = top * Double(step) / 4
            body += line("grid", left, y(loss), right, y(loss))
            body += text("axis", left - 6, y(loss) + 4, ReportText.number(loss), anchor: "end")
            let at = last * Double(step) / 4
            let number = String(Int(saturating: at.rounded()))
            body += text("axis", x(at), bottom + 16, number, anchor: step == 4 ? "end" : "middle")
        }
        for (style, curve) in [("training", training), ("validation", validation)] where !curve.isEmpty {
            let path = curve.map { "\(point(x($0.0))),\(point(y($0.1)))" }.joined(separator: " ")
            body += #"<polyline class="curve \#(style)" points="\#(path)"/>"#
            if style == "validation" {
                for spot in curve {
                    body +=
                        #"<circle class="dot \#(style)" cx="\#(point(x(spot.0)))" cy="\#(point(y(spot.1)))" r="3"/>"#
                }
            }
        }
        body += text("axis", (left + right) / 2, bottom + 32, "optimiser step", anchor: "middle")
        func step(_ value: Double) -> Int { Int(saturating: value.rounded()) }
        func ends(_ curve: [(Double, Double)]) -> String {
            guard let first = curve.first, let final = curve.last else { return "not recorded" }
            return
                "from \(ReportText.number(first.1)) at step \(step(first.0)) to \(ReportText.number(final.1)) at step \(step(final.0))"
        }
        return svg(
            body, height: bottom + 40, id: id, title: "Loss while training",
            description: "Training loss: \(ends(training)). Validation loss: \(ends(validation)).")
    }

    private static func svg(_ body: String, height: Double, id: String, title: String, description: String) -> String {
        """
        <svg class="chart" role="img" aria-labelledby="\(id)-t \(id)-d" viewBox="0 0 \(point(width)) \(point(height))" \
        xmlns="http://www.w3.org/2000/svg"><title id="\(id)-t">\(InertText.html(title))</title>\
        <desc id="\(id)-d">\(InertText.html(description))</desc>\(body)</svg>
        """
    }

    private static func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        #"<line class="\#(style)" x1="\#(point(x1))" y1="\#(point(y1))" x2="\#(point(x2))" y2="\#(point(y2))"/>"#
    }

    private static func text(_ style: String, _ x: Double, _ y: Double, _ content: String, anchor: String) -> String {
        #"<text class="\#(style)" x="\#(point(x))" y="\#(point(y))" text-anchor="\#(anchor)">\#(InertText.html(content))</text>"#
    }

    private static func shortened(_ name: String) -> String {
        name.count > 24 ? name.prefix(23) + "…" : name
    }

    private static func point(_ value: Double) -> String { ReportText.number(value, digits: 1) }
}

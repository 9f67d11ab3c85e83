import FledgeCore
import FledgeDocument

/// One measured number.
struct Figure: Codable, Sendable {
    var bench: String
    var figure: String
    var value: Double
    var unit: String
    /// What the value is to reach or to stay under, such as `≤ 0.05`; nil for a number that stands for comparison.
    var goal: String?
    /// Whether the goal is reached; true where there is none.
    var holds: Bool
    /// What was measured beside Fledge under the same settings; nil for Fledge itself.
    var peer: String?
    var settings: String

    init(
        bench: String, figure: String, value: Double, unit: String, goal: Bound? = nil, peer: String? = nil,
        settings: String
    ) {
        self.bench = bench
        self.figure = figure
        self.value = value
        self.unit = unit
        switch goal {
        case .atMost(let bound):
            self.goal = "≤ \(bound.formatted(decimals: 3))"
            holds = value <= bound
        case .atLeast(let bound):
            self.goal = "≥ \(bound.formatted(decimals: 3))"
            holds = value >= bound
        case nil:
            self.goal = nil
            holds = true
        }
        self.peer = peer
        self.settings = settings
    }

    var json: String { CanonicalJSON.text(of: self) }

    /// The figures in columns, with the settings of each benchmark below.
    static func table(_ figures: [Figure], settings: String, markdown: Bool = false) -> String {
        let header = ["benchmark", "figure", "of", "value", "goal", "holds"]
        let rows = figures.map {
            [
                $0.bench, $0.figure, $0.peer ?? "fledge", "\($0.value.formatted(decimals: 4)) \($0.unit)",
                $0.goal ?? "", $0.goal == nil ? "" : $0.holds ? "yes" : "NO",
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        let rule = markdown ? [widths.map { String(repeating: "-", count: $0) }] : []
        let lines = ([header] + rule + rows).map { row in
            let cells = zip(row, widths).map { text, width in text + String(repeating: " ", count: width - text.count) }
            return markdown ? "| " + cells.joined(separator: " | ") + " |" : cells.joined(separator: "  ")
        }
        var notes: [String] = []
        for figure in figures {
            let note = (markdown ? "- " : "") + "\(figure.bench): \(figure.settings)"
            if !notes.contains(note) { notes.append(note) }
        }
        return ([settings, ""] + lines + [""] + notes).joined(separator: "\n")
    }
}

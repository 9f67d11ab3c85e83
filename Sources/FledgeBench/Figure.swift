import FledgeCore
import FledgeDocument
import Foundation

/// One measured number.
struct Figure: Codable {
    var bench: String
    var figure: String
    var value: Double
    var unit: String
    /// The value is to stay at or below this.
    var goal: Double
    var holds: Bool
    var peer: String?
    var settings: String

    init(bench: String, figure: String, value: Double, unit: String, atMost goal: Double, settings: String) {
        self.bench = bench
        self.figure = figure
        self.value = value
        self.unit = unit
        self.goal = goal
        holds = value <= goal
        peer = nil
        self.settings = settings
    }

    var json: String { CanonicalJSON.text(of: self) }

    static func table(_ figures: [Figure], settings: String) -> String {
        let header = ["benchmark", "figure", "value", "goal", "holds"]
        let rows = figures.map {
            [
                $0.bench, $0.figure, "\($0.value.formatted(decimals: 4)) \($0.unit)",
                "≤ \($0.goal.formatted(decimals: 3))", $0.holds ? "yes" : "NO",
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        let lines = ([header] + rows).map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
        }
        return ([settings, ""] + lines).joined(separator: "\n")
    }
}

/// What the figures were measured on.
enum Machine {
    static var description: String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
            .map { $0.trimmingCharacters(in: .whitespaces) }
        return
            "\(ProcessInfo.processInfo.activeProcessorCount) cores, \(model ?? "unknown processor"), median of 5 runs"
    }
}

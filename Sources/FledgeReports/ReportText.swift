import FledgeCore
import FledgeDocument
import Foundation

/// How values are written for people, and how text that came from outside is made harmless.
enum ReportText {
    /// Text without control characters and without marks that turn the direction of what follows.
    static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: result.append(" ")
            case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF:
                result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// Plain text that the template engine can escape.
    ///
    /// The engine looks at whole characters: a quotation mark with an accent on it is not one of those that it
    /// replaces, but is one to a browser. A zero-width space takes such characters apart.
    static func html(_ text: String) -> String {
        plain(text).map { character in
            let parts = character.unicodeScalars
            guard parts.count > 1, parts.contains(where: { "<>&\"'".unicodeScalars.contains($0) }) else {
                return String(character)
            }
            return parts.map { String($0) }.joined(separator: "\u{200B}")
        }.joined()
    }

    /// Escaped for an SVG that is put into the page as it is.
    static func xml(_ text: String) -> String {
        plain(text).unicodeScalars.map { scalar in
            switch scalar {
            case "<": "&lt;"
            case ">": "&gt;"
            case "&": "&amp;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: String(scalar)
            }
        }.joined()
    }

    /// Escaped so that Markdown (with GitHub's tables and links) shows it as it is, on one line.
    static func markdown(_ text: String) -> String {
        let scalars = Array(plain(text).unicodeScalars)
        var result = ""
        var isNumberSoFar = true
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\\", "`", "*", "_", "[", "]", "#", "|", "~", "!", "@", "$": result += "\\" + String(scalar)
            case "-" where index == 0, "+" where index == 0, "=" where index == 0: result += "\\" + String(scalar)
            case ".", ")":
                let followsWWW = index >= 3 && scalars[index - 3..<index].allSatisfy { $0 == "w" || $0 == "W" }
                result += (isNumberSoFar && index > 0) || followsWWW ? "\\" + String(scalar) : String(scalar)
            case ":" where index + 1 < scalars.count && scalars[index + 1] == "/": result += "\\:"
            default: result.unicodeScalars.append(scalar)
            }
            if !("0"..."9").contains(scalar) { isNumberSoFar = false }
        }
        return result
    }

    // MARK: Values

    static func number(_ value: Double, digits: Int = 2) -> String {
        guard value.isFinite else { return value > 0 ? "∞" : "−∞" }
        return String(format: "%.\(digits)f", value)
    }

    static func value(_ value: Double?, of metric: MetricDefinition) -> String {
        metric.text(of: value, decimals: 2)
    }

    static func interval(_ result: CriterionResult) -> String {
        guard result.lower != nil || result.upper != nil else { return "" }
        let lower = result.lower.map { value($0, of: result.criterion.metric) } ?? "−∞"
        let upper = result.upper.map { value($0, of: result.criterion.metric) } ?? "∞"
        return "[\(lower), \(upper)]"
    }

    static func bound(_ criterion: CriterionDefinition) -> String {
        switch criterion.bound {
        case .atLeast(let bar): "at least \(value(bar, of: criterion.metric))"
        case .atMost(let bar): "at most \(value(bar, of: criterion.metric))"
        }
    }

    static func dollars(_ micro: Int64) -> String {
        "$" + number(Double(micro) / 1_000_000, digits: micro != 0 && abs(micro) < 10_000 ? 6 : 2)
    }

    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// A date and time in UTC, to the second.
    static func instant(_ date: Date) -> String {
        let text = date.formatted(.iso8601)
        return text.replacing("T", with: " ").replacing("Z", with: " UTC")
    }
}

/// Words from outside, made harmless for the place where they leave: one function for each.
///
/// Names, actors, reasons, labels, models' answers, servers' errors and file names pass through here before a person, a
/// browser, a spreadsheet or a log sees them. JSON is exact, and passes through none of these. `line` and `block` may be applied
/// to their own results.
package enum InertText {
    /// One line of a terminal: no line break, no control character, no escape code, no mark that turns the direction of what
    /// follows, and no more than `limit` characters.
    package static func line(_ text: String, limit: Int = 4000) -> String {
        isPlain(text, limit) ? text : cleaned(text, limit: limit, keepsLines: false)
    }

    /// Lines of a terminal: as `line`, with line breaks and tabs left.
    package static func block(_ text: String, limit: Int = .max) -> String {
        isPlain(text, limit) ? text : cleaned(text, limit: limit, keepsLines: true)
    }

    /// A log's message, or a value in it.
    package static func log(_ text: String) -> String { line(text, limit: 8000) }

    /// Plain text that a template engine can escape for HTML.
    ///
    /// The engine looks at whole characters: a quotation mark with an accent on it is not one of those that it
    /// replaces, but is one to a browser. A zero-width space takes such characters apart.
    package static func template(_ text: String) -> String {
        line(text, limit: documentLimit).map { character in
            let parts = character.unicodeScalars
            guard parts.count > 1, parts.contains(where: { "<>&\"'".unicodeScalars.contains($0) }) else {
                return String(character)
            }
            return parts.map { String($0) }.joined(separator: "\u{200B}")
        }.joined()
    }

    /// Escaped for HTML and XML: text, or the value of an attribute in quotation marks.
    package static func html(_ text: String) -> String {
        line(text, limit: documentLimit).unicodeScalars.map { scalar in
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
    package static func markdown(_ text: String) -> String {
        let scalars = Array(line(text, limit: documentLimit).unicodeScalars)
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

    /// A field of a CSV file, in quotation marks. What a spreadsheet would take for a formula begins with an apostrophe; a
    /// number stays one.
    package static func csv(_ text: String) -> String {
        let field = block(text)
        let first = field.unicodeScalars.first { !$0.properties.isWhitespace }
        let isFormula =
            field.unicodeScalars.first == "\t"
            || first.map { "=+-@＝＋－＠".unicodeScalars.contains($0) } ?? false && Double(field) == nil
        return "\"\(isFormula ? "'" : "")\(field.replacingScalars(of: "\"", with: "\"\""))\""
    }

    /// Whether it steers what shows it, and has no place in a name or a reason: a control character, a line break, or a mark
    /// that turns the direction of writing.
    package static func isSteering(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        default:
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }

    private static let documentLimit = 20_000

    private static func isPlain(_ text: String, _ limit: Int) -> Bool {
        text.utf8.count <= limit && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    private static func cleaned(_ text: String, limit: Int, keepsLines: Bool) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        let scalars = text.unicodeScalars
        // No more is looked at than can be shown.
        let isCut =
            scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex).map {
                $0 < scalars.endIndex
            } ?? false
        let ending = isCut ? "… (\(text.utf8.count) bytes)" : ""
        let room = limit - ending.unicodeScalars.count
        for scalar in scalars {
            guard !isCut || count < room else { break }
            count += 1
            switch scalar {
            case "\n" where keepsLines, "\t" where keepsLines: result.append(scalar)
            case "\t", "\n", "\u{0B}", "\u{0C}", "\r", "\u{85}", "\u{2028}", "\u{2029}": result.append(" ")
            default: result.append(isSteering(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        result.append(contentsOf: ending.unicodeScalars)
        return String(result)
    }
}

/// Words that a request brings along and that are kept: who acts, why, and on what.
package enum InboundText {
    /// The longest reason; a name is much shorter.
    package static let longestReason = 2000
    package static let longestName = 200

    /// - Parameter field: the request's own name for it.
    /// - Throws: `request.bad_text` (exit 64, status 400), which names the field and never quotes the text.
    package static func check(_ text: String, field: String, limit: Int = longestName) throws(FledgeError) {
        if let problem = problem(with: text, limit: limit) {
            throw FledgeError(
                "request.bad_text", "\(field) \(problem)", place: field,
                hint: "write it on one line, without control characters, in at most \(limit) characters")
        }
    }

    /// What is wrong, to be put behind the field's name; nil where nothing is.
    package static func problem(with text: String, limit: Int = longestName) -> String? {
        if text.unicodeScalars.count > limit { return "has more than \(limit) characters" }
        return text.unicodeScalars.first(where: InertText.isSteering).map(steering)
    }

    /// What is wrong with a text of several lines: a control character besides line breaks and tabs; nil where there is none.
    package static func controlProblem(with text: String) -> String? {
        // As most texts are: nothing of it is looked at one by one.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x09 }) { return nil }
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            // One that goes back to the line's beginning would write over it.
            if previous == "\r", scalar != "\n" { return steering("\r") }
            if scalar.properties.generalCategory == .control, !["\n", "\t", "\r"].contains(scalar) {
                return steering(scalar)
            }
            previous = scalar
        }
        return previous == "\r" ? steering("\r") : nil
    }

    private static func steering(_ scalar: Unicode.Scalar) -> String {
        let code = String(scalar.value, radix: 16, uppercase: true)
        return
            "holds a character that steers what shows it: U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code)"
    }
}

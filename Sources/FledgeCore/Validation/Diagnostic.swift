/// One problem of a definition or of its data: what is wrong, where, and what to do.
package struct Diagnostic: Codable, Hashable, Sendable, CustomStringConvertible {
    package enum Severity: String, Codable, Sendable, CaseIterable { case error, warning }

    package var severity: Severity
    /// Stable: `definition.unknown_field`.
    package var code: String
    package var message: String
    package var file: String
    /// From 1; nil where the problem has no line of its own.
    package var line: Int?
    package var hint: String?

    package init(severity: Severity, code: String, message: String, file: String, line: Int?, hint: String?) {
        self.severity = severity
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.hint = hint
    }

    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return "\(place): \(severity.rawValue): \(message) [\(code)]" + (hint.map { "\n    \($0)" } ?? "")
    }
}

/// What went wrong, where, and what to do next.
///
/// `code` is stable (`gate.insufficient_samples`). Neither the message nor the hint ever holds a secret, a prompt or an
/// answer of a model.
package struct FledgeError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    package struct Code: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }
        package init(stringLiteral value: String) { rawValue = value }
    }

    package var code: Code
    package var message: String
    /// Where: a file and line, a row, a part.
    package var place: String?
    /// What to do next.
    package var hint: String?
    package var exitCode: ExitStatus

    package init(
        _ code: Code, _ message: String, place: String? = nil, hint: String? = nil, exitCode: ExitStatus = .software
    ) {
        self.code = code
        self.message = message
        self.place = place
        self.hint = hint
        self.exitCode = exitCode
    }

    package var description: String {
        let located = place.map { "\($0): \(message)" } ?? message
        return "\(located) [\(code.rawValue)]" + (hint.map { "\n  \($0)" } ?? "")
    }
}

/// Exit statuses of the command line, after sysexits(3), and those of gating commands.
package enum ExitStatus: Int32, Sendable, Codable {
    case success = 0
    case failed = 3
    case inconclusive = 5
    case usage = 64
    case badData = 65
    case unavailable = 69
    case software = 70
    case cannotWrite = 73
    case tryAgain = 75
    case configuration = 78
}

/// What went wrong, where, and what to do next.
///
/// `code` is stable, and `ErrorCatalogue` says what it means and what has to happen before the same may succeed. Neither the message nor the hint ever holds a secret, a prompt or an
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

    /// - Parameter exitCode: the catalogue's unless said; `software` where it doesn't know the code.
    package init(
        _ code: Code, _ message: String, place: String? = nil, hint: String? = nil, exitCode: ExitStatus? = nil
    ) {
        self.code = code
        self.message = message
        self.place = place
        self.hint = hint
        self.exitCode = exitCode ?? ErrorCatalogue.entry(of: code)?.exitStatus ?? .software
    }

    package var description: String {
        let located = place.map { "\($0): \(message)" } ?? message
        return "\(located) [\(code.rawValue)]" + (hint.map { "\n  \($0)" } ?? "")
    }
}

/// Exit statuses of the command line, after sysexits(3), and those of gating commands.
package enum ExitStatus: Int32, Sendable, Codable, CaseIterable {
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

    /// In a few words, without a full stop.
    package var meaning: String {
        switch self {
        case .success: "done; of a gate: passed"
        case .failed: "the gate failed; of `wait`: blocked, rolled back or retired"
        case .inconclusive:
            "the gate is inconclusive; of `wait`: an approval or a `resume` is waited for; of `audit`: not all is known"
        case .usage: "the command was used wrongly"
        case .badData: "the definition or its data is bad; of `audit`: something was changed"
        case .unavailable: "a part can't be reached"
        case .software: "an error inside Fledge"
        case .cannotWrite: "something can't be written"
        case .tryAgain: "trying again may help; of `wait`: the time is over"
        case .configuration: "the configuration is wrong"
        }
    }
}

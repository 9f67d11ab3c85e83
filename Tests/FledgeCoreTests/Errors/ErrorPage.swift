import FledgeCore

/// `docs/errors.md`.
enum ErrorPage {
    static var text: String {
        """
        # Errors

        Every failure has a code that stays the same from version to version. `fledge` shows it in square brackets \
        behind the message, the daemon sends it as `code`, and `fledge explain` shows it where a cycle is blocked. The \
        message says what was wrong and where; this page says what a code means whatever the message. It is made from \
        the catalogue that Fledge decides by.

        | what has to happen first | meaning |
        |---|---|
        \(FledgeError.Disposition.allCases.map { "| \(words($0)) | \(meaning($0)) |" }.joined(separator: "\n"))

        Work is tried again by itself where nothing has to happen first, and nowhere else. A place that has seen that \
        a cause may pass says so with exit status 75, whatever stands here. [Exit codes](exit-codes.md) says what each \
        exit status means; a code without one is a warning, which ends nothing.

        \(ErrorCatalogue.families.map(section).joined(separator: "\n\n"))

        """
    }

    private static func section(_ name: String, _ entries: [ErrorEntry]) -> String {
        """
        ## \(name)

        | code | meaning | what to do | first | exit status |
        |---|---|---|---|---|
        \(entries.map(row).joined(separator: "\n"))
        """
    }

    private static func row(_ entry: ErrorEntry) -> String {
        let isPrefix = entry.code == ErrorCatalogue.httpPrefix
        let code = entry.code.rawValue + (isPrefix ? "…" : "")
        let exits = ([entry.exitStatus] + entry.otherExitStatuses).map { "\($0.rawValue)" }.joined(separator: ", ")
        let first = entry.isWarning ? "" : words(entry.disposition)
        return "| `\(code)` | \(entry.meaning) | \(entry.advice) | \(first) | \(entry.isWarning ? "" : exits) |"
    }

    private static func words(_ disposition: FledgeError.Disposition) -> String {
        switch disposition {
        case .transient: "nothing"
        case .permanent: "another request"
        case .needsPerson: "a person"
        case .internal: "a fix"
        }
    }

    private static func meaning(_ disposition: FledgeError.Disposition) -> String {
        switch disposition {
        case .transient: "Trying again may succeed by itself."
        case .permanent: "The request or the definition is wrong: the same one fails again."
        case .needsPerson: "Somebody has to change something around it: settings, keys, money, data, a part."
        case .internal: "It is a fault of Fledge's own."
        }
    }
}

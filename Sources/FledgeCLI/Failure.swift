import FledgeCore
import FledgeEngine
import FledgePostgres
import ManagedProcess
import Migrations
import PostgresClient

/// An error of any module as one that says what to do and has an exit status; nil for one that is not ours.
struct Failure {
    let error: FledgeError

    init?(_ error: any Error) {
        switch error {
        case let error as FledgeError: self.error = error
        case let error as ProcessError:
            self.error = FledgeError(error)
        case let error as PostgresError: self.error = FledgeError(error)
        case let error as MigrationError: self.error = FledgeError(error)
        case is CancellationError:
            self.error = FledgeError(
                "fledge.cancelled", "stopped before the end", hint: "try again")
        default: return nil
        }
    }
}

/// How an error is shown: `fledge: message [code]`, and what to do below it.
enum ErrorText {
    static func render(_ error: FledgeError) -> String {
        // A compiler's messages have lines of their own; none of them can pass for one of ours.
        let message = TerminalText.hanging(error.message, indent: 2)
        let located = error.place.map { "\(InertText.line($0)): \(message)" } ?? message
        return "fledge: \(located) [\(InertText.line(error.code.rawValue))]"
            + (error.hint.map { "\n  \(InertText.line($0))" } ?? "")
    }
}

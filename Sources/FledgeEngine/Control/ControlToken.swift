import FledgeCore
import FledgeDocument

/// The token that guards the control API on TCP, and the words for what is wrong with one.
///
/// It is named by a reference (`env:NAME`, `file:PATH`), the same way for the daemon and the command line, and never by
/// its value: command lines and environments are seen by others, and end up in logs.
package enum ControlToken {
    package static let variable = EnvironmentVariable.token.rawValue

    /// Fewer could be guessed; `openssl rand -hex 32` makes 64.
    package static let shortest = 16

    /// - Throws: `token.bad_reference`, `token.missing` (exit 78), and what reading it throws. None repeats the text, which may be a token.
    package static func read(_ text: String, environment: [String: String]) throws(FledgeError) -> String {
        guard let reference = SecretReference(text) else {
            throw FledgeError(
                "token.bad_reference", "the token is not given as a reference",
                hint: "write env:NAME for a variable that holds it, or file:PATH for a file")
        }
        guard let token = try reference.read(environment: environment) else {
            throw FledgeError(
                "token.missing", "the token \(reference) is not there or empty",
                hint: "make one with: openssl rand -hex 32")
        }
        return token
    }
}

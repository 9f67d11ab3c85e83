import FledgeCore
import FledgeDocument
import Foundation
import ManagedProcess

extension SecretReference {
    /// The secret, read at this moment; nil where there is none, or an empty one. Nothing keeps it.
    ///
    /// - Throws: `secret.unreadable` for a file that is there and can't be read, `file.unread` where that may pass.
    package func read(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(FledgeError) -> String? {
        let text: String?
        switch self {
        case .env(let name): text = environment[name]
        case .file(let path):
            do { text = try WholeFile.text(path) } catch {
                throw FledgeError(
                    unread: error, "secret.unreadable", "the secret \(self) can't be read",
                    hint: "let the user that it is read as read it, as one line of UTF-8")
            }
        }
        let secret = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return secret.isEmpty ? nil : secret
    }
}

import FledgeCore
import FledgeDocument
import Foundation

/// Reads a secret at the moment it is needed; nothing keeps it.
enum SecretReader {
    static func read(_ reference: SecretReference) throws -> String {
        let text: String? =
            switch reference {
            case .env(let name): ProcessInfo.processInfo.environment[name]
            case .file(let path): try? String(contentsOfFile: path, encoding: .utf8)
            }
        let secret = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !secret.isEmpty else {
            throw FledgeError(
                "model.unauthorized", "the key \(reference) is not there or empty",
                hint: "Set it where the daemon runs, then retry.", exitCode: .configuration)
        }
        return secret
    }
}

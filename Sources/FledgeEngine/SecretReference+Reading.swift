import FledgeDocument
import Foundation

extension SecretReference {
    /// The secret, read at this moment; nil where there is none, or an empty one. Nothing keeps it.
    package func read(environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
        let text: String? =
            switch self {
            case .env(let name): environment[name]
            case .file(let path): try? String(contentsOfFile: path, encoding: .utf8)
            }
        let secret = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return secret.isEmpty ? nil : secret
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine

/// Reads a model's key at the moment it is needed; nothing keeps it.
enum SecretReader {
    static func read(_ reference: SecretReference) throws -> String {
        guard let secret = reference.read() else {
            throw FledgeError(
                "model.unauthorized", "the key \(reference) is not there or empty",
                hint: "Set it where the daemon runs, then retry.", exitCode: .configuration)
        }
        return secret
    }
}

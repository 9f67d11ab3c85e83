import FledgeCore
import FledgeDocument
import FledgeEngine

/// Reads a model's key at the moment it is needed, where it may be sent to that model's server; nothing keeps it.
package struct SecretReader: Sendable {
    private let rules: KeyRules

    /// - Parameter rules: by default, no key is read.
    package init(rules: KeyRules = .none) { self.rules = rules }

    /// The key of the server at this address; nil where it has none.
    ///
    /// - Throws: `model.key_not_allowed` where it may not be read for this address: the settings may be others than when
    ///   the definition was applied. `model.unauthorized` where there is none, and what reading
    ///   it throws.
    func read(for address: ServerAddress) throws -> String? {
        if let given = address.given { return given }
        guard let reference = address.key else { return nil }
        if let fault = rules.fault(of: reference, sentTo: address.base) {
            throw FledgeError("model.key_not_allowed", fault.message, hint: fault.hint)
        }
        guard let secret = try reference.read() else {
            throw FledgeError(
                "model.unauthorized", "the key \(reference) is not there or empty",
                hint: "Set it where the daemon runs, then retry.")
        }
        return secret
    }
}

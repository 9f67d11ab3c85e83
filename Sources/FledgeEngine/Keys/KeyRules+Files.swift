import FledgeCore
import FledgeDocument
import Foundation

extension KeyRules {
    /// Why the key may not be sent to the address, as files lie at this moment; nil where it may.
    package func fault(of reference: SecretReference, sentTo url: String) -> Fault? {
        fault(of: reference, to: url, real: Self.realPath)
    }

    package func diagnostics(of document: DefinitionDocument) -> [Diagnostic] {
        diagnostics(for: document, real: Self.realPath)
    }

    private static func realPath(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}

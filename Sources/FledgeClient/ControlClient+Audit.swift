import FledgeCore
import FledgeEngine

extension ControlClient {
    package func auditedNames() async throws -> [String] { try await get("audit") }

    /// Every sample is compared.
    package func audit(name: String) async throws -> AuditReport {
        try await get("audit/\(escaped(name))", timeout: .seconds(600))
    }

    package func auditHashes(name: String) async throws -> AuditHashes {
        try await get("audit/\(escaped(name))/hashes")
    }

    /// The files of every adapter are hashed.
    package func championAdapters() async throws -> [AdapterCheckResult] {
        try await get("champions/adapters", timeout: .seconds(600))
    }
}

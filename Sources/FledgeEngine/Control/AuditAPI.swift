import FledgeCore

/// What the daemon is asked about the evidence, which changes nothing; see ``ControlAPI`` for what holds for all that
/// is asked.
package protocol AuditAPI: Sendable {
    /// The use cases that there are, and those that the file outside the database knows, sorted.
    func auditedNames() async throws -> [String]
    /// Compares all evidence of a use case with what was recorded. - Throws: `use_case.unknown`.
    func audit(name: String) async throws -> AuditReport
    /// The hashes of a use case's chain and history. - Throws: `use_case.unknown`.
    func auditHashes(name: String) async throws -> AuditHashes
    /// The adapters of all champions, with what is wrong with their files.
    func championAdapters() async throws -> [AdapterCheckResult]
}

import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    package func auditedNames() async throws -> [String] { try await ask(Endpoints.auditedNames, EmptyRequest()) }

    package func audit(name: String) async throws -> AuditReport {
        try await ask(Endpoints.auditReport, NamedRequest(name: name))
    }

    package func auditHashes(name: String) async throws -> AuditHashes {
        try await ask(Endpoints.auditHashes, NamedRequest(name: name))
    }

    package func championAdapters() async throws -> [AdapterCheckResult] {
        try await ask(Endpoints.championAdapters, EmptyRequest())
    }
}

import FledgeCore

extension ControlService {
    package func auditedNames() async throws -> [String] { try await audit.names() }

    package func audit(name: String) async throws -> AuditReport {
        try await LongComputation.among { try await audit.report(name: name) }
    }

    package func auditHashes(name: String) async throws -> AuditHashes {
        try await LongComputation.among { try await audit.hashes(name: name) }
    }

    package func championAdapters() async throws -> [AdapterCheckResult] {
        try await ComputingPlaces.shared.run { try await audit.adapters() }
    }
}

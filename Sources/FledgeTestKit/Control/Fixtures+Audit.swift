import FledgeCore
import Foundation

extension Fixtures {
    package static let auditReport = AuditReport(
        useCase: "lexical-category",
        head: AuditHead(
            entries: 12, hash: String(repeating: "a", count: 64), transitions: 8,
            historyHash: String(repeating: "b", count: 64)),
        counts: [
            .init(kind: "experiment", state: .holds, rows: 410), .init(kind: "gate", state: .changed, rows: 1),
            .init(kind: "gate", state: .holds, rows: 1),
        ],
        findings: [
            AuditFinding(code: "audit.row_changed", row: "gate 2", sentence: "gate 2 was changed"),
            AuditFinding(code: "audit.row_missing", row: "decision 1", sentence: "decision 1 is missing"),
        ],
        unknowns: [], open: 7, anchoredAt: date)

    package static let auditHashes = AuditHashes(
        entries: Dictionary(uniqueKeysWithValues: (1...12).map { ($0, String(repeating: "a", count: 64)) }),
        transitions: Dictionary(uniqueKeysWithValues: (1...8).map { ($0, String(repeating: "b", count: 64)) }))

    package static let brokenAdapter = AdapterCheckResult(
        useCase: "lexical-category", release: 1, adapter: Digest(of: "adapter"),
        problem: FledgeError("adapter.missing", "the adapter is not in the store", exitCode: .badData))
}

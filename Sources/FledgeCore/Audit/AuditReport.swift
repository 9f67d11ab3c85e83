import Foundation

/// What a look at a use case's evidence found.
package struct AuditReport: Codable, Hashable, Sendable {
    package enum Verdict: String, Codable, Sendable {
        /// Every row is what was chained when it was written.
        case holds
        /// Nothing is known to be changed, and not everything is known.
        case unknown
        /// Something was changed, added or taken away.
        case changed
    }

    /// How many rows of a kind are in a state.
    package struct Count: Codable, Hashable, Sendable {
        package var kind: String
        package var state: AuditRowState
        package var rows: Int

        package init(kind: String, state: AuditRowState, rows: Int) {
            self.kind = kind
            self.state = state
            self.rows = rows
        }
    }

    package var useCase: String
    package var head: AuditHead
    package var counts: [Count]
    /// What was changed, each row by its name.
    package var findings: [AuditFinding]
    /// What nobody can say.
    package var unknowns: [AuditFinding]
    /// Samples of experiments that are under way: nothing rests on them yet.
    package var open: Int
    /// When the length and the head were last written down outside the database; nil where they were not.
    package var anchoredAt: Date?
    /// When the newest of the heads was written down elsewhere that it was compared with; nil where it was with none.
    package var witnessedAt: Date?

    package init(
        useCase: String, head: AuditHead, counts: [Count], findings: [AuditFinding], unknowns: [AuditFinding],
        open: Int,
        anchoredAt: Date?
    ) {
        self.useCase = useCase
        self.head = head
        self.counts = counts
        self.findings = findings
        self.unknowns = unknowns
        self.open = open
        self.anchoredAt = anchoredAt
    }

    package var verdict: Verdict { !findings.isEmpty ? .changed : unknowns.isEmpty ? .holds : .unknown }

    /// What was taken away by whoever erases a person's content.
    package var erased: [AuditFinding] { unknowns.filter { $0.code == .auditErased } }

    /// Rows that were compared with what was chained.
    package var rows: Int { counts.reduce(0) { $0 + $1.rows } }

    /// The error to refuse work with; nil where nothing is changed.
    package var refusal: FledgeError? {
        guard let first = findings.first else { return nil }
        let more = findings.count > 1 ? " (and \(findings.count - 1) more)" : ""
        return FledgeError(
            first.code, "the evidence of \(useCase) is not what was recorded: \(first.sentence)\(more)",
            hint: "fledge audit verify \(useCase) names every row; restore them from a backup, then fledge retry",
            exitCode: .badData)
    }
}

/// One row, or one link of the chain, that is not as it was recorded, or of which that cannot be said.
package struct AuditFinding: Codable, Hashable, Sendable {
    package var code: FledgeError.Code
    /// The row: its kind and its name.
    package var row: String
    package var sentence: String

    package init(code: FledgeError.Code, row: String, sentence: String) {
        self.code = code
        self.row = row
        self.sentence = sentence
    }
}

/// What a row is, compared with what was chained of it.
package enum AuditRowState: String, Codable, Sendable, CaseIterable {
    case holds
    /// As it was when the database was migrated.
    case adopted
    /// Taken away by what may do so: retention, a question that was asked again.
    case gone
    case erased
    /// Chained by a newer build.
    case newer
    case changed
    case missing
    /// In the table, and in no entry.
    case unrecorded
    /// Its salt was taken away, and no entry says so.
    case unsalted

    /// What is found of a row in this state; nil where it is as it should be.
    package func finding(kind: String, row name: String) -> (isUnknown: Bool, finding: AuditFinding)? {
        let row = "\(kind) \(name)"
        func found(_ code: FledgeError.Code, _ words: String, isUnknown: Bool = false) -> (Bool, AuditFinding) {
            (isUnknown, AuditFinding(code: code, row: row, sentence: "\(row) \(words)"))
        }
        return switch self {
        case .holds, .gone, .adopted: nil
        case .erased: found("audit.erased", "was erased: nobody can say what it was", isUnknown: true)
        case .newer:
            found("audit.newer_format", "was chained by a newer version: verify with that one", isUnknown: true)
        case .changed: found("audit.row_changed", "was changed")
        case .missing: found("audit.row_missing", "is missing")
        case .unrecorded: found("audit.row_unrecorded", "was added behind the chain's back")
        case .unsalted: found("audit.salt_missing", "lost its salt, and no entry says that it was erased")
        }
    }
}

/// Whether the files of an adapter that a champion uses are what was stored.
package struct AdapterCheckResult: Codable, Hashable, Sendable {
    package var useCase: String
    package var release: Int
    package var adapter: AdapterDigest
    /// Nil where they are.
    package var problem: FledgeError?

    package init(useCase: String, release: Int, adapter: AdapterDigest, problem: FledgeError?) {
        self.useCase = useCase
        self.release = release
        self.adapter = adapter
        self.problem = problem
    }
}

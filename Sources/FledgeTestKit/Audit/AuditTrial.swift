import FledgeCore
import FledgeEngine
import FledgePostgres
import Foundation
import Logging
import PostgresClient

/// Edits a small real history behind the triggers' back, one edit at a time, and counts those that go unnoticed.
///
/// Each edit is committed, verified as `fledge audit verify` does it, and undone.
package struct AuditTrial: Sendable {
    /// What came of one kind of edit.
    package struct Count: Sendable, Hashable {
        package var kind: String
        package var made = 0
        package var unnoticed = 0
    }

    package struct Outcome: Sendable {
        package var counts: [Count] = []
        /// What went unnoticed.
        package var unnoticed: [String] = []
        /// Edits that a constraint of the table refused, or that would have changed nothing.
        package var refused = 0
        package var made: Int { counts.reduce(0) { $0 + $1.made } }
    }

    private static let shadow = "untouched"

    private let pool: PostgresPool
    private let audit: EvidenceAudit
    private let columns: [String: [CoveredColumns.Column]]
    private let useCases: [Int64]
    /// What puts a table back, by its name.
    private let restore: [String: String]
    /// Names the tables that are not what they were.
    private let comparison: String

    /// Makes the history.
    ///
    /// - Parameters:
    ///   - pool: an empty database, as a superuser.
    ///   - directory: where what stands outside the database is kept.
    package init(pool: PostgresPool, directory: String, useCases count: Int = 3, logger: Logger) async throws {
        self.pool = pool
        let store = PostgresStores(pool: pool, logger: logger)
        try await AuditHistory(store: store, pool: pool).add(count)
        let anchor = try await AuditAnchor(path: directory + "/heads.jsonl", logger: logger)
        try await anchor.look(in: store)
        audit = EvidenceAudit(stores: store, artifacts: NoArtifacts(), anchor: anchor)
        useCases = try await pool.query("SELECT id FROM use_case ORDER BY id").map { try $0.get("id", as: Int64.self) }
        var all: [String: [CoveredColumns.Column]] = [:]
        var restore: [String: String] = [:]
        var comparisons: [String] = []
        try await pool.execute("CREATE SCHEMA \(Self.shadow)")
        for table in CoveredColumns.names {
            let found = try await pool.query(
                """
                SELECT attname::text AS name, format_type(atttypid, NULL) AS type, attgenerated = '' AS is_stored
                FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
                """, [table])
            var stored: [String] = []
            for row in found where try row.get("is_stored", as: Bool.self) {
                let name = try row.get("name", as: String.self)
                stored.append("\"\(name)\"")
                guard CoveredColumns.tables[table]?.contains(name) == true else { continue }
                all[table, default: []].append(
                    .init(table: table, name: name, type: try row.get("type", as: String.self)))
            }
            guard all[table]?.count == CoveredColumns.tables[table]?.count else {
                throw FledgeError("bench.lost", "\(table) does not have the columns that the chain covers")
            }
            try await pool.execute("CREATE TABLE \(Self.shadow).\(table) AS TABLE \(table)")
            let list = stored.joined(separator: ", ")
            restore[table] = """
                DELETE FROM \(table);
                INSERT INTO \(table) (\(list)) OVERRIDING SYSTEM VALUE SELECT \(list) FROM \(Self.shadow).\(table)
                """
            comparisons.append(
                """
                SELECT '\(table)' AS name WHERE EXISTS (TABLE \(table) EXCEPT ALL TABLE \(Self.shadow).\(table))
                    OR EXISTS (TABLE \(Self.shadow).\(table) EXCEPT ALL TABLE \(table))
                """)
        }
        columns = all
        self.restore = restore
        comparison = comparisons.joined(separator: " UNION ALL ")
    }

    /// Whether the untouched history is seen as it is: everything holds.
    package func holds() async throws -> Bool {
        for name in try await audit.names() where try await audit.report(name: name).verdict != .holds { return false }
        return true
    }

    /// Makes so many edits. - Parameter progress: is told how many were made.
    package func run(
        edits: Int, seed: UInt64, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Outcome {
        var random = SplitMix64(seed: seed)
        var outcome = Outcome()
        var counts: [AuditEdit.Kind: Count] = [:]
        while outcome.made < edits {
            let edit = AuditEdit.random(columns, useCases: useCases, using: &random)
            let touched = try await apply(edit)
            guard !touched.isEmpty else {
                outcome.refused += 1
                guard outcome.refused < 20 * edits + 1000 else {
                    throw FledgeError("bench.lost", "hardly any edit can be made")
                }
                continue
            }
            let isNoticed = try await isNoticed()
            counts[edit.kind, default: Count(kind: edit.kind.rawValue)].made += 1
            if !isNoticed {
                counts[edit.kind]?.unnoticed += 1
                outcome.unnoticed.append("\(edit.kind.rawValue) \(edit.what): \(edit.statements[0])")
            }
            try await undo(touched)
            outcome.counts = counts.values.sorted { $0.kind < $1.kind }
            progress(outcome.made)
            // Each undone edit leaves dead rows behind.
            if outcome.made.isMultiple(of: 200) { try await pool.execute("VACUUM") }
        }
        return outcome
    }

    /// - Returns: the tables that were changed; none when nothing was.
    private func apply(_ edit: AuditEdit) async throws -> [String] {
        do {
            return try await pool.withTransaction { connection in
                try await connection.script("SET LOCAL session_replication_role = replica")
                for statement in edit.statements { try await connection.execute(statement) }
                return try await connection.query(comparison).map { try $0.get("name", as: String.self) }
            }
        } catch let error as PostgresError where error.code == .statement {
            return []
        }
    }

    private func isNoticed() async throws -> Bool {
        for name in try await audit.names() {
            if try await audit.report(name: name).verdict == .changed { return true }
        }
        return false
    }

    private func undo(_ tables: [String]) async throws {
        let restore = tables.compactMap { self.restore[$0] }.joined(separator: ";\n")
        try await pool.withTransaction { connection in
            try await connection.script("SET LOCAL session_replication_role = replica;\n" + restore)
        }
    }
}

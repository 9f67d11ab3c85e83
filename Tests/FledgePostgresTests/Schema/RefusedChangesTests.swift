import FledgePostgres
import FledgeTestKit
import PostgresClient
import Testing

@Suite("Changes of evidence that the database refuses")
struct RefusedChangesTests {
    /// Who tries it: the owner of the tables, as whom a daemon with one role for everything works, and a role with a
    /// daemon's rights alone.
    private enum Who: String, CaseIterable {
        case owner, daemon

        /// Triggers refuse, and what a daemon's role has no right to is refused before them.
        var refusals: Set<String> { self == .owner ? ["23001"] : ["23001", DatabaseRights.refused] }
    }

    /// Ends a transaction that went through.
    private struct Undone: Error {}

    /// What the database says of a statement, of which nothing stays; nil when it is done.
    private static func refusal(_ statement: String, by who: Who, in pool: PostgresPool) async throws -> PostgresError?
    {
        do {
            try await pool.withTransaction { connection in
                if who == .daemon { try await connection.script("SET LOCAL ROLE \(EmbeddedCluster.role)") }
                try await connection.execute(statement)
                throw Undone()
            }
            return nil
        } catch is Undone {
            return nil
        } catch let error as PostgresError where error.code == .statement {
            return error
        }
    }

    /// An UPDATE of each covered column to another value.
    private static func updates(of table: String, in pool: PostgresPool) async throws -> [(column: String, sql: String)]
    {
        let found = try await pool.query(
            """
            SELECT attname::text AS name, format_type(atttypid, NULL) AS type, attidentity = 'a' AS is_identity
            FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
            """, [table])
        let covered = Set(CoveredColumns.tables[table] ?? [])
        let updates = try found.map { row in
            let name = try row.get("name", as: String.self)
            let column = CoveredColumns.Column(table: table, name: name, type: try row.get("type", as: String.self))
            // A number that the database gives can be set to the next one alone.
            let value = try row.get("is_identity", as: Bool.self) ? "DEFAULT" : CoveredColumns.edited(column, number: 1)
            return (column: name, sql: "UPDATE \(table) SET \"\(name)\" = \(value)")
        }
        let tried = updates.filter { covered.contains($0.column) }
        #expect(tried.count == covered.count, "\(table) does not have the columns that the chain covers")
        return tried
    }

    @Test(
        "under the chain nothing is deleted or emptied, and no column changes but those that daemons have to change",
        arguments: CoveredColumns.names)
    func refused(table: String) async throws {
        try await StoresFixture.run { fixture in
            let pool = fixture.pool
            try await AuditHistory(store: fixture.store, pool: pool).add(1)
            try await DatabaseRights.give(to: EmbeddedCluster.role, by: pool)
            let rows = try await pool.query("SELECT count(*) AS n FROM \(table)")[0].get("n", as: Int.self)
            #expect(rows > 0, "a trigger for rows does nothing without one")
            let changing = CoveredColumns.changing[table] ?? [:]
            let updates = try await Self.updates(of: table, in: pool)
            for who in Who.allCases {
                let all = updates + [("", "DELETE FROM \(table)"), ("", "TRUNCATE \(table) CASCADE")]
                for (column, statement) in all {
                    let error = try await Self.refusal(statement, by: who, in: pool)
                    let said = "\(statement) by the \(who.rawValue): \(error?.description ?? "done")"
                    if changing[column] != nil {
                        #expect(error.map { who.refusals.contains($0.sqlState ?? "") } != true, "\(said)")
                        continue
                    }
                    #expect(who.refusals.contains(error?.sqlState ?? ""), "\(said)")
                    // Tables that refer to it refuse as well, and are not to do so in its place.
                    if who == .owner { #expect(error?.message.contains("\(table) is append-only") == true, "\(said)") }
                }
            }
        }
    }

    @Test("what the database keeps from change and what the chain is tried on are the same tables")
    func tables() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let kept = try await pool.query(
                """
                SELECT DISTINCT c.relname::text AS name FROM pg_trigger t
                JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
                WHERE NOT t.tgisinternal
                  AND (p.proname IN ('refuse_change', 'keep_sample') OR p.proname LIKE 'audit\\_%')
                """)
            #expect(Set(try kept.map { try $0.get("name", as: String.self) }) == Set(CoveredColumns.names))
            let unknown = CoveredColumns.changing.flatMap { table, columns in
                columns.keys.filter { CoveredColumns.tables[table]?.contains($0) != true }.map { "\(table).\($0)" }
            }
            #expect(unknown.isEmpty)
        }
    }
}

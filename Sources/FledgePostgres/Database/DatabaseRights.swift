import PostgresClient

/// What the role that daemons work as may do: read and write the rows of Fledge's tables, and nothing else.
///
/// The tables' owner can change and drop them, a superuser can read files and run programs of the server's machine. A
/// daemon needs neither for its work.
package enum DatabaseRights {
    /// The SQLSTATE of a statement that the role has no right to.
    package static let refused = "42501"

    /// Gives the role the rights that it lacks, by its tables' owner; tables that the owner makes later have them at once.
    ///
    /// Does nothing where the role is the owner itself, or has them all.
    package static func give(to role: String, by owner: PostgresPool) async throws {
        let row = try await owner.query(
            """
            SELECT current_user::text AS owner, quote_ident(current_schema())::text AS schema,
                   quote_ident($1)::text AS role, quote_ident(current_database())::text AS database
            """, [role])
        guard let row = row.first, try row.get("owner", as: String.self) != role else { return }
        guard try await lacks(role, owner) else { return }
        let schema = try row.get("schema", as: String.self)
        let quoted = try row.get("role", as: String.self)
        let database = try row.get("database", as: String.self)
        try await owner.withTransaction { connection in
            for statement in statements(role: quoted, schema: schema, database: database) {
                try await connection.execute(statement)
            }
            // The table of applied migrations is the owner's: the working role only reads it.
            let table = try await connection.query("SELECT to_regclass('schema_migration')::text AS name")
            if try table.first?.get("name", as: String?.self) != nil {
                try await connection.execute("REVOKE INSERT, UPDATE, DELETE ON schema_migration FROM \(quoted)")
            }
        }
    }

    private static func statements(role: String, schema: String, database: String) -> [String] {
        [
            // Up to PostgreSQL 14, everybody may make tables there.
            "REVOKE CREATE ON SCHEMA \(schema) FROM PUBLIC",
            "REVOKE TEMPORARY ON DATABASE \(database) FROM PUBLIC",
            "GRANT CONNECT ON DATABASE \(database) TO \(role)",
            "GRANT USAGE ON SCHEMA \(schema) TO \(role)",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(schema) TO \(role)",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA \(schema) TO \(role)",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA \(schema) GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO \(role)",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA \(schema) GRANT USAGE, SELECT ON SEQUENCES TO \(role)",
        ]
    }

    /// Whether a right is missing on what is there or will be made, or the ledger of migrations can be written.
    private static func lacks(_ role: String, _ owner: PostgresPool) async throws -> Bool {
        try await owner.query(
            """
            SELECT EXISTS (
              SELECT FROM pg_class c
              WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
                AND CASE
                    WHEN c.relkind IN ('r', 'p') AND c.relname = 'schema_migration'
                        THEN NOT has_table_privilege($1, c.oid, 'SELECT')
                            OR has_table_privilege($1, c.oid, 'INSERT')
                    WHEN c.relkind IN ('r', 'p')
                        THEN NOT (has_table_privilege($1, c.oid, 'SELECT') AND has_table_privilege($1, c.oid, 'INSERT')
                            AND has_table_privilege($1, c.oid, 'UPDATE') AND has_table_privilege($1, c.oid, 'DELETE'))
                    WHEN c.relkind = 'S' THEN NOT has_sequence_privilege($1, c.oid, 'USAGE')
                    ELSE false
                    END
            ) OR NOT has_schema_privilege($1, current_schema(), 'USAGE') OR NOT EXISTS (
              SELECT FROM pg_default_acl a CROSS JOIN LATERAL aclexplode(a.defaclacl) x
              JOIN pg_roles r ON r.oid = x.grantee
              WHERE a.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user) AND a.defaclnamespace = quote_ident(current_schema())::regnamespace
                AND a.defaclobjtype = 'r' AND r.rolname = $1 AND x.privilege_type = 'DELETE'
            ) AS lacks
            """, [role]
        ).first?.get("lacks", as: Bool.self) ?? true
    }

    /// Whether who is connected may do everything on the server.
    package static func isSuperuser(_ pool: PostgresPool) async throws -> Bool {
        try await pool.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").first?
            .get("rolsuper", as: Bool.self) ?? false
    }

    /// Brings the schema up to date by its owner's connection, and gives the working role its rights on what is new.
    ///
    /// - Parameters:
    ///   - owner: nil where the working role is the owner.
    ///   - apply: what migrates.
    package static func migrating<Value: Sendable>(
        work: PostgresPool, owner: PostgresPool?, _ apply: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        guard let owner else { return try await apply(work) }
        let value = try await apply(owner)
        let role = try await work.query("SELECT current_user::text AS role").first?.get("role", as: String.self)
        if let role { try await give(to: role, by: owner) }
        return value
    }
}

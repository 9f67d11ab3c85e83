import PostgresClient

/// What a database says of the tables in it, in an order that does not depend on the machine.
struct SchemaCatalog {
    struct Column {
        var name: String
        var type: String
        var isRequired: Bool
        var standard: String?
    }

    /// A constraint, an index or a trigger.
    struct Part {
        var kind: Kind
        var name: String
        var definition: String
    }

    enum Kind: String, CaseIterable {
        case primaryKey = "p"
        case unique = "u"
        case foreignKey = "f"
        case check = "c"
        case exclusion = "x"
        case uniqueIndex = "unique index"
        case index
        case trigger
    }

    /// By table, or view.
    private(set) var columns: [String: [Column]] = [:]
    private(set) var parts: [String: [Part]] = [:]
    private(set) var tables: [String] = []
    private(set) var views: [String] = []
    /// Each with its arguments.
    private(set) var functions: [String] = []

    init(_ pool: PostgresPool) async throws {
        for row in try await pool.query(Self.relationStatement) {
            let name = try row.get("name", as: String.self)
            if try row.get("is_view", as: Bool.self) { views.append(name) } else { tables.append(name) }
        }
        for row in try await pool.query(Self.columnStatement) {
            columns[try row.get("relation", as: String.self), default: []].append(
                Column(
                    name: try row.get("name", as: String.self), type: try row.get("type", as: String.self),
                    isRequired: try row.get("is_required", as: Bool.self),
                    standard: try row.get("standard", as: String?.self)))
        }
        for row in try await pool.query(Self.partStatement) {
            guard let kind = Kind(rawValue: try row.get("kind", as: String.self)) else { continue }
            parts[try row.get("relation", as: String.self), default: []].append(
                Part(
                    kind: kind, name: try row.get("name", as: String.self),
                    definition: try row.get("definition", as: String.self)))
        }
        functions = try await pool.query(Self.functionStatement).map { try $0.get("name", as: String.self) }
    }

    private static let relationStatement = """
        SELECT relname::text AS name, relkind = 'v' AS is_view FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
        ORDER BY relname COLLATE "C"
        """

    private static let columnStatement = """
        SELECT c.relname::text AS relation, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
               a.attnotnull AS is_required,
               CASE WHEN a.attidentity <> '' THEN 'identity'
                    WHEN a.attgenerated <> '' THEN 'always ' || pg_get_expr(d.adbin, d.adrelid)
                    ELSE pg_get_expr(d.adbin, d.adrelid) END AS standard
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        ORDER BY c.relname COLLATE "C", a.attnum
        """

    private static let partStatement = """
        SELECT relation, kind, name, regexp_replace(definition, '\\s+', ' ', 'g') AS definition FROM (
            SELECT c.relname::text AS relation, k.contype::text AS kind, k.conname::text AS name,
                   regexp_replace(pg_get_constraintdef(k.oid), '^(PRIMARY KEY|UNIQUE|FOREIGN KEY|CHECK|EXCLUDE) ', '')
                       AS definition
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
            WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f', 'c', 'x')
            UNION ALL
            SELECT c.relname::text, CASE WHEN i.indisunique THEN 'unique index' ELSE 'index' END, x.relname::text,
                   regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX \\S+ ON \\S+ USING (btree )?', '')
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
            WHERE c.relnamespace = 'public'::regnamespace
                AND NOT EXISTS (SELECT FROM pg_constraint k
                                WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
            UNION ALL
            SELECT c.relname::text, 'trigger', t.tgname::text,
                   regexp_replace(pg_get_triggerdef(t.oid), '^CREATE (CONSTRAINT )?TRIGGER \\S+ (.*) ON \\S+ ', '\\2 ')
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
        ) AS part
        ORDER BY relation COLLATE "C", name COLLATE "C", definition COLLATE "C"
        """

    private static let functionStatement = """
        SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')' AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        ORDER BY proname COLLATE "C", pg_get_function_identity_arguments(oid) COLLATE "C"
        """
}

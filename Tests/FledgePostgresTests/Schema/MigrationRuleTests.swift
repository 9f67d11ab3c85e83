import Foundation
import Migrations
import Testing

/// The rule of expand and contract: a migration only adds, so that daemons of the version before go on working; what nobody
/// uses any longer is taken away by a later one that says so.
@Suite("The rule of migrations")
struct MigrationRuleTests {
    /// The first migration that could meet a daemon of the version before.
    private static let first = 8

    @Test(
        "a migration takes nothing away and asks for nothing new, unless it says that it is the contract of an earlier one",
        arguments: Migrations.all.filter { $0.version >= first })
    func expands(migration: Migration) {
        let found = MigrationRule.violations(in: migration.sql)
        if migration.needs == 0 {
            #expect(found.isEmpty, "\(migration.name): begin it with -- contract of mNNNN, or leave it to a later one")
        } else {
            #expect(migration.needs < migration.version)
            #expect(!found.isEmpty, "\(migration.name) takes nothing away: it is no contract")
        }
    }

    @Test(
        "what breaks a daemon of the version before is found",
        arguments: [
            "ALTER TABLE t DROP COLUMN c", "ALTER TABLE t\n  ADD COLUMN a int, drop  column c", "DROP TABLE t",
            "ALTER TABLE t DROP c", "ALTER TABLE t RENAME COLUMN a TO b", "ALTER TABLE t RENAME TO u",
            "ALTER TABLE t ALTER COLUMN c TYPE bigint", "ALTER TABLE t ALTER c SET DATA TYPE bigint",
            "ALTER TABLE t ALTER COLUMN c SET NOT NULL", "ALTER TABLE t ALTER COLUMN c DROP DEFAULT",
            "ALTER TABLE t ADD COLUMN c int NOT NULL", "ALTER TABLE t ADD COLUMN c int CHECK (c IN (1, 2)) NOT NULL",
            "ALTER TABLE t ADD c int NOT NULL, ADD COLUMN d int DEFAULT 1", "TRUNCATE t", "ALTER TYPE y RENAME TO z",
            "DROP VIEW v", "DROP FUNCTION f",
        ])
    func breaking(sql: String) {
        #expect(!MigrationRule.violations(in: "-- First.\nCREATE TABLE x (a int);\n" + sql + ";").isEmpty)
    }

    @Test(
        "what only adds is let through",
        arguments: [
            "CREATE TABLE t (a int NOT NULL, b text DEFAULT 'DROP TABLE t')",
            "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 0, ADD COLUMN d numeric(3, 1)",
            "ALTER TABLE t ADD COLUMN c bigint NOT NULL GENERATED ALWAYS AS (a + 1) STORED",
            "ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k CHECK (a IN (1, 2, 3))", "DROP INDEX i",
            "CREATE TRIGGER g BEFORE TRUNCATE ON t EXECUTE FUNCTION f()", "ALTER TABLE t ALTER COLUMN c DROP NOT NULL",
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN TRUNCATE t; END $$",
            "-- later: DROP TABLE t\nSELECT 1", "UPDATE t SET a = 1 WHERE b IS NOT NULL",
        ])
    func adding(sql: String) {
        #expect(MigrationRule.violations(in: sql + ";").isEmpty)
    }
}

/// Finds the statements that a daemon of the version before could not live with.
private enum MigrationRule {
    static func violations(in sql: String) -> [String] {
        statements(sql).filter { statement in
            if statement.starts(with: /TRUNCATE|DROP (TABLE|VIEW|FUNCTION|TYPE|SCHEMA|MATERIALIZED)|ALTER TYPE/) {
                return true
            }
            guard let table = statement.prefixMatch(of: #/ALTER TABLE (IF EXISTS )?(ONLY )?\S+ /#) else { return false }
            return clauses(statement[table.range.upperBound...]).contains(where: isBreaking)
        }
    }

    private static func isBreaking(_ clause: String) -> Bool {
        if clause.starts(with: /RENAME/) { return true }
        if clause.starts(with: #/DROP (?!CONSTRAINT)/#) { return true }
        if clause.starts(with: /ALTER (COLUMN )?\S+ (SET DATA TYPE|TYPE|SET NOT NULL|DROP DEFAULT)/) { return true }
        if clause.starts(with: /ADD (?!CONSTRAINT|CHECK|UNIQUE|FOREIGN|PRIMARY|EXCLUDE)/) {
            return clause.contains("NOT NULL") && !clause.contains(/DEFAULT|GENERATED/)
        }
        return false
    }

    /// Without comments, texts and bodies of functions; upper case, one space between words.
    private static func statements(_ sql: String) -> [String] {
        sql.replacing(/\$\$(?s:.*?)\$\$/, with: "BODY").replacing(/--[^\n]*/, with: "").replacing(
            /'[^']*'/, with: "TEXT"
        )
        .uppercased().split(separator: ";")
        .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.filter { !$0.isEmpty }
    }

    /// What commas outside parentheses separate.
    private static func clauses(_ text: Substring) -> [String] {
        var clauses = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 { clauses.append("") } else { clauses[clauses.count - 1].append(character) }
        }
        return clauses.map { String($0.drop { $0 == " " }) }
    }
}

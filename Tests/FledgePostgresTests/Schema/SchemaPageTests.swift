import FledgeTestKit
import Migrations
import PostgresClient
import Testing

@Suite("The page of the schema")
struct SchemaPageTests {
    private let fixture = PostgresFixture.shared

    @Test("docs/internals/schema.md has the newest schema; FLEDGE_RECORD=1 writes it anew")
    func documentation() async throws {
        let page = try await fixture.withDatabase { pool in
            SchemaPage(catalog: try await SchemaCatalog(pool), comments: SchemaComments(Migrations.all)).text
        }
        #expect(try RecordedPage.committed("docs/internals/schema.md", made: page) == page)
    }

    @Test("what the migrations say of a table or a column is about one that there is")
    func comments() async throws {
        let catalog = try await fixture.withDatabase { try await SchemaCatalog($0) }
        let comments = SchemaComments(Migrations.all)
        let columns = Set(catalog.columns.flatMap { relation in relation.value.map { "\(relation.key).\($0.name)" } })
        #expect(comments.relations.count >= 10 && comments.columns.count >= 10)
        #expect(Set(comments.relations.keys).subtracting(catalog.tables + catalog.views) == [])
        #expect(Set(comments.columns.keys).subtracting(columns) == [])
    }

    @Test("a table's columns, keys, checks, indexes and triggers are read")
    func parts() async throws {
        let catalog = try await fixture.withDatabase(migrated: false) { pool in
            try await pool.execute("CREATE TABLE other (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)")
            try await pool.execute(
                "CREATE TABLE thing (other_id bigint NOT NULL REFERENCES other, name text DEFAULT 'x' CHECK (name <> ''), "
                    + "size int GENERATED ALWAYS AS (length(name)) STORED, UNIQUE (other_id, name))")
            try await pool.execute("CREATE INDEX thing_by_name ON thing (name) WHERE size > 1")
            try await pool.execute("CREATE UNIQUE INDEX thing_by_size ON thing (size)")
            try await pool.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
            try await pool.execute(
                "CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION refuse()")
            return try await SchemaCatalog(pool)
        }
        #expect(catalog.tables == ["other", "thing"] && catalog.functions == ["refuse()"])
        #expect(catalog.columns["other"]?.first?.standard == "identity")
        #expect(catalog.columns["thing"]?.map(\.isRequired) == [true, false, false])
        #expect(catalog.columns["thing"]?.map(\.standard) == [nil, "'x'::text", "always length(name)"])
        let parts = Dictionary(grouping: catalog.parts["thing"] ?? [], by: \.kind).mapValues { $0.map(\.definition) }
        #expect(parts[.unique] == ["(other_id, name)"])
        #expect(parts[.foreignKey] == ["(other_id) REFERENCES other(id)"])
        #expect(parts[.check]?.count == 1)
        #expect(parts[.index] == ["(name) WHERE (size > 1)"] && parts[.uniqueIndex] == ["(size)"])
        #expect(parts[.trigger] == ["BEFORE DELETE OR UPDATE FOR EACH ROW EXECUTE FUNCTION refuse()"])
    }
}

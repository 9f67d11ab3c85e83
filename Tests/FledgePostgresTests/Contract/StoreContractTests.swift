import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@Suite("What all stores promise, kept by PostgreSQL's")
struct StoreContractTests {
    @Test(
        "the same write again changes nothing more, in any table, and says what its requirement says",
        arguments: StoreWrite.all)
    func twice(write: StoreWrite) async throws {
        try await StoresFixture.run { fixture in
            let scene = try await StoreWrite.scene(fixture)
            let before = try await Self.contents(fixture.pool)
            let make = try await write.prepare(scene)
            let first = try await make()
            let after = try await Self.contents(fixture.pool)
            #expect(after != before, "it writes nothing")
            var second: String?
            var refusal: FledgeError.Code?
            do { second = try await make() } catch let error as FledgeError { refusal = error.code }
            let changed = try await Self.contents(fixture.pool).filter { after[$0.key] != $0.value }.keys.sorted()
            switch write.twice {
            case .same: #expect(refusal == nil && second == first && changed == [])
            case .refused(let code): #expect(refusal == code && changed == [])
            case .answered: #expect(refusal == nil && second != nil && second != first && changed == [])
            case .counts: #expect(refusal == nil && changed != [])
            }
        }
    }

    @Test("a write that finds no database says so by an error that passes", arguments: StoreWrite.all)
    func away(write: StoreWrite) async throws {
        try await StoresFixture.run { fixture in
            let make = try await write.prepare(StoreWrite.scene(fixture))
            await fixture.pool.shutdown()
            let error = await #expect(throws: FledgeError.self) { _ = try await make() }
            #expect(error?.disposition == .transient, "\(error.map { "\($0)" } ?? "")")
        }
    }

    @Test("every write of a store's is among those that are made twice, or races elsewhere by leases and numbers")
    func complete() throws {
        let listed = Set(StoreWrite.all.map { $0.description.prefix { $0 != "(" }.split(separator: ".").last ?? "" })
        let raced: Set<Substring> = [
            // The queue's leases: `StoresWorkTests`, and the simulator's stories.
            "claim", "renew", "finish", "bury", "release", "revive", "beat", "hints",
            // Money and places, under numbers and leases: `SpendTests`, `StoresPlaceTests`.
            "reserve", "charge", "close", "allot", "takePlace", "giveUp",
            // Walks and the right to them: `StoresHousekeepingTests`.
            "prune", "takeHousekeeping", "renewHousekeeping", "finishHousekeeping",
        ]
        let engine = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Sources/FledgeEngine"
        )
        .standardizedFileURL
        let files = try #require(FileManager.default.enumerator(at: engine, includingPropertiesForKeys: nil))
        var writes: Set<Substring> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for port in text.matches(of: /package protocol \w+(?:Store|Queue|Settling): \w+ \{\n((?:.|\n)*?)\n\}/) {
                // A requirement that answers nothing writes; of the others those that are known to.
                for requirement in port.output.1.matches(of: /func (\w+)\((?:.|\n)*?\)\s*async throws(?<answer> ->)?/) {
                    if requirement.output.answer == nil { writes.insert(requirement.output.1) }
                }
            }
        }
        #expect(writes.count > 20)
        #expect(writes.subtracting(listed).subtracting(raced) == [])
    }

    /// A digest of each table's rows, but for moments and numbers of writes.
    private static func contents(_ pool: PostgresPool) async throws -> [String: String] {
        var contents: [String: String] = [:]
        let tables = try await pool.query(
            """
            SELECT t.table_name AS name,
                   coalesce(array_to_string(array_agg(c.column_name) FILTER (
                       WHERE c.data_type LIKE 'timestamp%'), ','), '') AS moments
            FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name)
            WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' GROUP BY t.table_name
            """)
        for table in tables {
            let name = try table.get("name", as: String.self)
            let moments = try table.get("moments", as: String.self).split(separator: ",").map { "'\($0)'" }
            let row = "to_jsonb(r)" + moments.map { " - \($0)" }.joined()
            let rows = try await pool.query(
                "SELECT coalesce(md5(string_agg(x, ',' ORDER BY x)), '') AS digest FROM (SELECT (\(row))::text AS x FROM \"\(name)\" r) rows"
            )
            contents[name] = try rows[0].get("digest", as: String.self)
        }
        return contents
    }
}

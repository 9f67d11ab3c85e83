import FledgeCore
import FledgeEngine
import FledgePostgres
import PostgresClient
import Testing

@Suite("Definitions that are stored together in PostgreSQL")
struct StoresSubmissionTests {
    @Test("where the second can't be written, nothing of the first is there")
    func atomic() async throws {
        try await StoresFixture.run { fixture in
            let good = StoresFixture.submission("good")
            var bad = StoresFixture.submission("bad")
            // No text of PostgreSQL's holds it: the copy of the rows fails, when all else of both is written.
            bad.rows = SnapshotRows([
                SnapshotRow(row: 1, split: .holdout, group: "g", inputs: ["text": "t"], expected: "re\u{0}d")
            ])
            for submissions in [[good, bad], [bad, good]] {
                await #expect(throws: FledgeError.self) { try await fixture.store.apply(submissions) }
                for table in ["use_case", "definition_revision", "dataset_snapshot", "example", "report_schedule"] {
                    #expect(try await fixture.rowCount(table) == 0, "\(table)")
                }
            }
            let applied = try await fixture.store.apply([good, StoresFixture.submission("bad")])
            #expect(applied.map(\.revision) == [1, 1] && applied.allSatisfy(\.isNew))
        }
    }

    @Test("an edit and its neighbour that is new go together; what is unchanged stays what it was")
    func together() async throws {
        try await StoresFixture.run { fixture in
            let first = try await fixture.store.apply(StoresFixture.submission("b"))
            let applied = try await fixture.store.apply([
                StoresFixture.submission("c"), StoresFixture.submission("b"),
                StoresFixture.submission("a", prompt: "Another."),
            ])
            #expect(applied.map(\.isNew) == [true, false, true] && applied[1].useCase == first.useCase)
            let names = try await fixture.pool.query("SELECT name FROM use_case ORDER BY id")
            #expect(try Set(names.map { try $0.get("name", as: String.self) }) == ["a", "b", "c"])
        }
    }

    @Test("sets that overlap, applied at once in opposite orders, are all stored")
    func opposite() async throws {
        try await StoresFixture.run { fixture in
            let names = ["a", "b", "c", "d"]
            try await withThrowingTaskGroup(of: [AppliedDefinition].self) { group in
                for index in 0..<8 {
                    let order = index.isMultiple(of: 2) ? names : names.reversed()
                    group.addTask {
                        try await fixture.store.apply(
                            order.map { StoresFixture.submission($0, prompt: "v\(index)", data: "data-\(index)") })
                    }
                }
                for try await applied in group { #expect(applied.count == 4 && applied.allSatisfy(\.isNew)) }
            }
            #expect(try await fixture.rowCount("definition_revision") == 32)
        }
    }
}

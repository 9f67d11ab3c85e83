import FledgeCore
import FledgeEngine
import FledgePostgres
import PostgresClient
import Testing

@Suite("Preferences in PostgreSQL")
struct StoresPreferenceTests {
    @Test("come back as they were; a row without any has none, nor has one that a daemon of the version before stored")
    func roundTrip() async throws {
        try await StoresFixture.run { fixture in
            let pairs = [
                2: Preference(chosen: "tab\there, \"quote\" \\", rejected: "\\N"),
                4: Preference(chosen: "é😀", rejected: "two\nlines"),
            ]
            var submission = StoresFixture.submission()
            submission.rows = SnapshotRows(
                submission.rows.map { row in
                    var row = row
                    row.preference = pairs[row.row]
                    return row
                })
            let useCase = try await fixture.store.apply(submission).useCase
            let cycle = try await fixture.store.openCycle(for: useCase, actor: "ada")
            let prototype = try await fixture.store.examples(of: cycle.snapshot, in: .prototype)
            #expect(prototype.map(\.preference) == [pairs[2], nil])
            #expect(prototype.map(\.expected) == submission.rows[1...2].map(\.expected))
            try await fixture.pool.execute(
                """
                INSERT INTO example (snapshot_id, row_number, split, group_key, inputs, expected, fields)
                VALUES ($1, 9, 'training', 'g9', '{"text": "x"}', 'red', '{}')
                """, [cycle.snapshot])
            let training = try await fixture.store.examples(of: cycle.snapshot, in: .training)
            #expect(training.map(\.row) == [4, 9] && training.map(\.preference) == [pairs[4], nil])
        }
    }
}

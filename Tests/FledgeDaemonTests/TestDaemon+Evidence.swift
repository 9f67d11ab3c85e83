import FledgeCore
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

// What the database says, asked past the daemon: it also answers while there is none.
extension TestDaemon {
    /// What two runs of the same use case have to agree on.
    struct Ending: Equatable {
        var stage: String
        var release: Int
        var candidate: String
        var adapter: String?
        var isChampion: Bool
        var gates: [String]
        var decisions: [String]
        var events: [String]
    }

    /// Waits until the use case stands there; the log is shown when it never does.
    nonisolated(nonsending)
        func reach(_ stage: String, _ activity: String, within limit: Duration = .seconds(300)) async throws
    {
        let isThere = try await eventually(within: limit) {
            try await database.query("SELECT FROM cycle WHERE stage = $1 AND activity = $2", [stage, activity]).count
                == 1
        }
        guard !isThere else { return }
        let place = try await database.query("SELECT state::text AS state FROM cycle").map {
            try $0.get("state", as: String.self)
        }
        Issue.record("not at \(stage)/\(activity) but at \(place): \(logText)")
        throw CancellationError()
    }

    /// Waits until the use case is blocked with the code.
    nonisolated(nonsending)
        func reach(block code: String, within limit: Duration = .seconds(300)) async throws
    {
        let isThere = try await eventually(within: limit) {
            try await database.query("SELECT FROM cycle WHERE block_code = $1", [code]).count == 1
        }
        guard !isThere else { return }
        Issue.record("not blocked with \(code): \(logText)")
        throw CancellationError()
    }

    nonisolated(nonsending)
        func number(_ sql: String) async throws -> Int
    {
        let row = try #require(try await database.query(sql).first)
        return try row.get("n", as: Int.self)
    }

    nonisolated(nonsending)
        func samples() async throws -> Int
    { try await number("SELECT count(*)::int AS n FROM sample") }

    nonisolated(nonsending)
        func ending() async throws -> Ending
    {
        func texts(_ sql: String) async throws -> [String] {
            try await database.query(sql).map { try $0.get("t", as: String.self) }
        }
        let row = try #require(
            try await database.query(
                """
                SELECT c.stage, r.number, r.candidate_id, r.adapter, p.release_id IS NOT NULL AS is_champion
                FROM release r JOIN cycle c ON c.id = r.cycle_id
                LEFT JOIN release_pointer p ON p.release_id = r.id AND p.role = 'champion'
                """
            ).first)
        #expect(try await number("SELECT count(*)::int AS n FROM release") == 1)
        #expect(try await number("SELECT count(*)::int AS n FROM pointer_move") == 1)
        return Ending(
            stage: try row.get("stage", as: String.self), release: try row.get("number", as: Int.self),
            candidate: try row.get("candidate_id", as: String.self), adapter: try row.get("adapter", as: String?.self),
            isChampion: try row.get("is_champion", as: Bool.self),
            gates: try await texts("SELECT look || ' ' || verdict || ' ' || candidate_id AS t FROM gate ORDER BY look"),
            decisions: try await texts("SELECT look || ' ' || kind AS t FROM decision ORDER BY look"),
            events: try await texts("SELECT event AS t FROM transition ORDER BY sequence"))
    }

    /// Kills the daemon once a write of it waits for the table, which others may still read; the write never happens.
    nonisolated(nonsending)
        func kill(whenItWritesTo table: String, within limit: Duration) async throws
    {
        try await database.withTransaction { connection in
            try await connection.execute("LOCK TABLE \(table) IN EXCLUSIVE MODE")
            let waiting = "FROM pg_locks WHERE relation = '\(table)'::regclass AND NOT granted"
            let isWaiting = try await eventually(within: limit) {
                try await self.number("SELECT count(*)::int AS n \(waiting)") > 0
            }
            try #require(isWaiting, "nothing is written to \(table): \(self.logText)")
            try await self.kill()
            // Else the server would go on with what it was sent, though nobody waits for it any more.
            try await connection.execute("SELECT pg_terminate_backend(pid) \(waiting)")
        }
    }

    /// The questions whose answers are recorded and not out of the cache: the messages of each, a line a message.
    nonisolated(nonsending)
        func recordedQuestions(adapted: Bool) async throws -> [String]
    {
        let rows = try await database.query(
            """
            SELECT c.document::text AS candidate, x.inputs::text AS inputs FROM sample s
            JOIN example x ON x.id = s.example_id JOIN candidate c ON c.id = s.candidate_id
            WHERE (c.document->>'adapter' IS NOT NULL) = $1 AND NOT s.from_cache
            """, [adapted])
        return try rows.map { row in
            let candidate = try JSONDecoder().decode(
                Candidate.self, from: Data(try row.get("candidate", as: String.self).utf8))
            let inputs = try JSONDecoder().decode(
                [String: String].self, from: Data(try row.get("inputs", as: String.self).utf8))
            return candidate.messages(for: inputs).map(\.content).joined(separator: "\n")
        }
    }

    /// Kills the daemon while its work waits to write to the table, which it may still read, then lets go of it.
    nonisolated(nonsending)
        func kill(holding table: String, at stage: String, _ activity: String, within limit: Duration) async throws
    {
        try await database.withTransaction { connection in
            try await connection.execute("LOCK TABLE \(table) IN EXCLUSIVE MODE")
            try await self.reach(stage, activity, within: limit)
            try await self.kill()
        }
    }
}

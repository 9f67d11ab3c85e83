import FledgeEngine
import FledgeTestKit
import Foundation
import ManagedProcess
import PostgresClient
import Testing

@Suite("fledge db prune")
struct DatabasePruneTests {
    private struct Outcome: Decodable {
        struct Table: Decodable {
            let table: String
            let rows: Int
            let bytes: Int
        }

        let dryRun: Bool
        let tables: [Table]
    }

    @Test("files of the state folder are counted by kind, then taken away, and nothing but Fledge's own")
    func files() async throws {
        try await TemporaryDirectory.with { folder in
            try await PostgresFixture.shared.withDatabase { pool in
                func prune(_ arguments: String...) async throws -> [String: Outcome.Table] {
                    let command = try BuiltPrograms.command(
                        "fledge", ["db", "prune", "--output", "json"] + arguments, in: folder,
                        environment: ["FLEDGE_DATABASE_URL": pool.configuration.connectionString])
                    let result = try await command.run(timeout: .seconds(600))
                    #expect(result.exit.isSuccess, "\(result.errorOutput)")
                    let outcome = try JSONDecoder().decode(Outcome.self, from: Data(result.output.utf8))
                    return Dictionary(uniqueKeysWithValues: outcome.tables.map { ($0.table, $0) })
                }
                try FileManager.default.createDirectory(
                    atPath: folder + "/state", withIntermediateDirectories: true)
                // While nothing is there: what comes later is known to be this database's.
                _ = try await prune()
                let digest = String(repeating: "a", count: 64)
                let old = Date(timeIntervalSinceNow: -400 * 86_400)
                for (path, count) in [
                    ("jobs/gone/job.json", 10), ("jobs/gone/output/weights", 20), ("jobs/Somebody's/notes", 5),
                    ("artifacts/\(digest)/adapter.gguf", 30), ("artifacts/mine/notes", 5), ("reports/weekly.html", 40),
                    ("reports/notes.txt", 5), ("jobs/new/job.json", 7),
                ] {
                    let file = URL(filePath: "\(folder)/state/\(path)")
                    try FileManager.default.createDirectory(
                        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(count: count).write(to: file)
                }
                for name in try FileManager.default.subpathsOfDirectory(atPath: folder + "/state")
                where name.contains("/") && !name.contains("jobs/new") {
                    try FileManager.default.setAttributes(
                        [.modificationDate: old], ofItemAtPath: "\(folder)/state/\(name)")
                }
                for arguments in [["--dry-run"], []] {
                    let figures = arguments.isEmpty ? try await prune() : try await prune(arguments[0])
                    for (table, files, bytes) in [("jobs", 2, 30), ("adapters", 1, 30), ("reports", 1, 40)] {
                        #expect(figures["files of \(table)"]?.rows == files)
                        #expect(figures["files of \(table)"]?.bytes == bytes)
                    }
                }
                let left = try FileManager.default.subpathsOfDirectory(atPath: folder + "/state")
                    .filter { $0.contains("/") }.sorted()
                #expect(
                    left == [
                        "artifacts/mine", "artifacts/mine/notes", "jobs/Somebody's", "jobs/Somebody's/notes",
                        "jobs/new",
                        "jobs/new/job.json", "reports/notes.txt",
                    ])
            }
        }
    }

    @Test("where somebody else has the state folder, the private server is not touched, and the error names who")
    func taken() async throws {
        try await TemporaryDirectory.with { folder in
            let paths = StatePaths(
                environment: ["FLEDGE_STATE_DIR": folder + "/state"], isRoot: false, currentDirectory: folder)
            try paths.createState()
            let lock = try StateLock(paths, role: "fledge", isAlone: true)
            for command in [["status"], ["migrate"], ["prune"]] {
                let result = try await BuiltPrograms.command("fledge", ["db"] + command, in: folder).run(
                    timeout: .seconds(60))
                #expect(result.exit == .exited(69))
                #expect(result.errorOutput.contains("process \(ProcessInfo.processInfo.processIdentifier) ("))
                #expect(result.errorOutput.contains("[daemon.running]"))
            }
            #expect(!FileManager.default.fileExists(atPath: paths.state + "/postgres"))
            withExtendedLifetime(lock) {}
        }
    }

    @Test("says what would go, then takes it away, and refuses an age that it can't read")
    func prunes() async throws {
        try await TemporaryDirectory.with { folder in
            try await PostgresFixture.shared.withDatabase { pool in
                try await pool.execute(
                    """
                    INSERT INTO response_cache (request_sha256, response, created_at)
                    SELECT encode(sha256(g::text::bytea), 'hex'), '{}', now() + interval '12 hours' - g * interval '1 day'
                    FROM generate_series(1, 50) g
                    """)
                func prune(_ arguments: String...) async throws -> (exit: ProcessExit, text: Data) {
                    let command = try BuiltPrograms.command(
                        "fledge", ["db", "prune"] + arguments, in: folder,
                        environment: ["FLEDGE_DATABASE_URL": pool.configuration.connectionString])
                    let result = try await command.run(timeout: .seconds(600))
                    return (result.exit, Data(result.output.utf8))
                }
                func rows(_ data: Data) throws -> (Bool, Int?) {
                    let outcome = try JSONDecoder().decode(Outcome.self, from: data)
                    return (outcome.dryRun, outcome.tables.first { $0.table == "response_cache" }?.rows)
                }
                let planned = try rows(try await prune("--dry-run", "--output", "json").text)
                #expect(planned == (true, 20))
                let older = try rows(try await prune("--dry-run", "--older-than", "10d", "--output", "json").text)
                #expect(older == (true, 40))
                let gone = try rows(try await prune("--output", "json").text)
                #expect(gone == (false, 20))
                let left = try await pool.query("SELECT count(*) AS n FROM response_cache")[0].get("n", as: Int.self)
                #expect(left == 30)
                let table = String(decoding: try await prune("--older-than", "1d").text, as: UTF8.self)
                #expect(table.contains("response_cache"))
                #expect(try await prune("--older-than", "soon").exit == .exited(64))
            }
        }
    }
}

import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Glibc
import Logging
import PostgresClient
import Testing

@Suite("Files that are not kept")
struct KeptFilesTests {
    private static let age = Duration.seconds(3600)
    private static let day: TimeInterval = 86_400

    /// A state folder with a job and an adapter of each standing, all of them old.
    private struct Scene {
        let fixture: StoresFixture
        let paths: StatePaths

        func files(now: Date = Date(timeIntervalSinceNow: 2 * day)) -> FileHousekeeping {
            FileHousekeeping(paths: paths, store: fixture.store.keptFiles) { now }
        }

        func put(_ path: String, bytes: Int = 4) throws {
            let file = URL(filePath: "\(paths.state)/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(count: bytes).write(to: file)
        }

        func names(in folder: String) throws -> Set<String> {
            Set(try FileManager.default.contentsOfDirectory(atPath: folder))
        }
    }

    private func scene(_ body: @Sendable (Scene) async throws -> Void) async throws {
        try await StoresFixture.run { fixture in
            try await TemporaryDirectory.with { directory in
                let paths = StatePaths(
                    environment: ["FLEDGE_STATE_DIR": directory + "/state"], isRoot: false, currentDirectory: directory)
                try paths.createState()
                let scene = Scene(fixture: fixture, paths: paths)
                try await scene.files().isOnlyDatabase()
                try await body(scene)
            }
        }
    }

    private static func digest(_ letter: Character) -> String { String(repeating: letter, count: 64) }

    /// Jobs `i1` … `i6` with the adapters `1…` to `6…`, of a cycle that ended the day before.
    private func jobs(in fixture: StoresFixture) async throws {
        let cycle = try await fixture.startedCycle()
        _ = try await fixture.store.openExperiment(
            cycle: cycle.id, purpose: .search, round: 1, candidates: [StoresFixture.candidate("one")], plannedCalls: 1)
        try await fixture.pool.withConnection { connection in
            try await connection.script(
                """
                INSERT INTO training_job (cycle_id, attempt, intent, executor, external_id, state, finished_at)
                SELECT \(cycle.id.rawValue), g, 'i' || g, 'local', 'x', CASE g WHEN 4 THEN 'unknown' ELSE 'failed' END,
                       now() - interval '1 day' FROM generate_series(1, 6) g;
                INSERT INTO adapter (digest, training_job_id, base_sha256, facts, golden)
                SELECT repeat(attempt::text, 64), id, repeat('b', 64), '{}', '{}' FROM training_job;
                UPDATE training_job SET adapter = repeat(attempt::text, 64);
                INSERT INTO candidate (id, document)
                SELECT repeat(g::text, 64), jsonb_build_object('adapter', repeat(g::text, 64)) FROM generate_series(2, 3) g;
                INSERT INTO release (use_case_id, number, cycle_id, candidate_id, adapter, bundle)
                SELECT use_case_id, 1, id, repeat('2', 64), repeat('2', 64), '{}' FROM cycle;
                INSERT INTO gate (cycle_id, experiment_id, candidate_id, look, verdict, result)
                SELECT e.cycle_id, e.id, repeat('3', 64), 1, 'failed', '{}' FROM experiment e LIMIT 1;
                UPDATE cycle SET ended_at = now() - interval '1 day';
                """)
        }
    }

    @Test("what a release, a gate, an open cycle or a job that may run names is kept; the rest of what ended goes")
    func named() async throws {
        try await scene { scene in
            let fixture = scene.fixture
            try await self.jobs(in: fixture)
            for number in 1...6 {
                try scene.put("jobs/i\(number)/job.json")
                try scene.put("jobs/i\(number)/output/adapter/adapter.gguf", bytes: 8)
                try scene.put("artifacts/\(String(repeating: "\(number)", count: 64))/adapter.gguf", bytes: 16)
            }
            // Of 1, 5 and 6 nothing is left but a cycle that ended; 4 may still run.
            let files = scene.files()
            for (subject, count, bytes) in [(.jobs, 6, 36), (.artifacts, 3, 48)]
                as [(RetentionPolicy.Subject, Int, Int64)]
            {
                let planned = try await files.prunable(subject, olderThan: Self.age)
                #expect(planned.rows == count && planned.bytes == bytes)
                #expect(try await files.prune(subject, olderThan: Self.age) == planned)
                #expect(try await files.prune(subject, olderThan: Self.age).rows == 0)
            }
            #expect(try scene.names(in: scene.paths.jobs) == ["i2", "i3", "i4"])
            #expect(
                try scene.names(in: scene.paths.artifacts)
                    == Set(["2", "3", "4"].map { String(repeating: $0, count: 64) }))
        }
    }

    @Test("nothing goes of a cycle that goes on or ended lately, of a job whose lock is held, or before its age")
    func young() async throws {
        try await scene { scene in
            let fixture = scene.fixture
            try await self.jobs(in: fixture)
            try scene.put("jobs/i1/job.json")
            try scene.put("jobs/i1/lock", bytes: 0)
            try scene.put("artifacts/\(Self.digest("1"))/adapter.gguf")
            for subject in [RetentionPolicy.Subject.jobs, .artifacts] {
                #expect(try await scene.files().prune(subject, olderThan: .seconds(3 * 86_400)).rows == 0)
                for end in ["NULL", "now() - interval '1 minute'"] {
                    try await fixture.pool.execute("UPDATE cycle SET ended_at = \(end)")
                    #expect(try await scene.files().prune(subject, olderThan: Self.age).rows == 0)
                }
                try await fixture.pool.execute("UPDATE cycle SET ended_at = now() - interval '1 day'")
            }
            let lock = open(scene.paths.jobs + "/i1/lock", O_RDONLY | O_CLOEXEC)
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            #expect(try await scene.files().prune(.jobs, olderThan: Self.age).rows == 0)
            close(lock)
            #expect(try await scene.files().prune(.jobs, olderThan: Self.age).rows == 2)
        }
    }

    @Test("what the database doesn't know goes unless it is new, or may be another database's")
    func unknown() async throws {
        try await scene { scene in
            try scene.put("jobs/orphan/job.json")
            try scene.put("artifacts/\(Self.digest("e"))/adapter.gguf")
            // A training may be about to say whose it is.
            let soon = scene.files(now: Date(timeIntervalSinceNow: 60))
            for subject in [RetentionPolicy.Subject.jobs, .artifacts] {
                #expect(try await soon.prune(subject, olderThan: .zero).rows == 0)
                #expect(try await scene.files().prunable(subject, olderThan: Self.age).rows == 1)
            }
            try Data("20200101T000000.000000\n".utf8).write(to: URL(filePath: scene.paths.databases))
            for subject in [RetentionPolicy.Subject.jobs, .artifacts] {
                #expect(try await scene.files().prune(subject, olderThan: Self.age).rows == 0)
            }
            let noted = try String(contentsOfFile: scene.paths.databases, encoding: .utf8).split(separator: "\n")
            #expect(noted.count == 2)
            // A state folder of an earlier version, with files that this database has never heard of.
            try FileManager.default.removeItem(atPath: scene.paths.databases)
            #expect(try await scene.files().prune(.artifacts, olderThan: Self.age).rows == 0)
            #expect(try await scene.files().isOnlyDatabase() == false)
        }
    }

    @Test("only looking notes nothing, and each daemon looks after its own files, whoever keeps the database's house")
    func service() async throws {
        try await scene { scene in
            try FileManager.default.removeItem(atPath: scene.paths.databases)
            _ = try await scene.files().prunable(.jobs, olderThan: Self.age)
            #expect(!FileManager.default.fileExists(atPath: scene.paths.databases))
            try await scene.files().isOnlyDatabase()
            try scene.put("reports/weekly.html")
            try scene.put("jobs/orphan/job.json")
            var settings = HousekeepingService.Settings()
            settings.policy = try #require(RetentionPolicy("reports=1h,jobs=forever"))
            let service = HousekeepingService(
                store: scene.fixture.store.housekeeping, files: scene.files(), worker: "late", settings: settings,
                logger: Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() }))
            let isTaken = try await scene.fixture.store.housekeeping.takeHousekeeping(
                worker: "early", every: .seconds(60), lease: .seconds(60))
            let figures = try await service.tick()
            #expect(isTaken && figures == nil)
            #expect(try scene.names(in: scene.paths.reports) == [])
            // Only after the interval again.
            try scene.put("reports/daily.html")
            _ = try await service.tick()
            #expect(try scene.names(in: scene.paths.reports) == ["daily.html"])
            #expect(try scene.names(in: scene.paths.jobs) == ["orphan"])
        }
    }

    @Test("links are not followed: not as a kind's folder, not as a job, not in it")
    func links() async throws {
        try await scene { scene in
            let outside = (scene.paths.state as NSString).deletingLastPathComponent + "/outside"
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
            try Data("precious".utf8).write(to: URL(filePath: outside + "/weekly.html"))
            try scene.put("jobs/orphan/job.json")
            #expect(symlink(outside, scene.paths.jobs + "/orphan/link") == 0)
            #expect(symlink(outside, scene.paths.jobs + "/linked") == 0)
            #expect(symlink(outside, scene.paths.reports) == 0)
            #expect(try await scene.files().prune(.jobs, olderThan: Self.age).rows == 2)
            let error = await #expect(throws: FledgeError.self) {
                try await scene.files().prune(.reports, olderThan: Self.age)
            }
            #expect(error?.code == "state.not_prunable")
            #expect(try scene.names(in: scene.paths.jobs) == ["linked"])
            #expect(try scene.names(in: outside) == ["weekly.html"])
        }
    }

    @Test("what is odd in one job, or in one of the folders, keeps nothing else")
    func odd() async throws {
        try await scene { scene in
            for job in ["after", "odd", "zero"] { try scene.put("jobs/\(job)/output/file") }
            let output = open(scene.paths.jobs + "/odd/output", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(output) }
            let noText: [CChar] = [CChar(truncatingIfNeeded: 0xFF), 0]
            for name in [noText, [97, 10, 98, 0]] { #expect(mkdirat(output, name, 0) == 0) }
            #expect(mkfifoat(output, "pipe", 0) == 0)
            var deep = dup(output)
            for _ in 0..<200 {
                #expect(mkdirat(deep, "deep", 0o700) == 0)
                let next = openat(deep, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                close(deep)
                deep = next
            }
            close(deep)
            // Beside the jobs lies what is none of ours, by a name of no text.
            let jobs = open(scene.paths.jobs, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(jobs) }
            #expect(mkdirat(jobs, noText, 0o700) == 0)
            try scene.put("reports", bytes: 1)
            try scene.put("artifacts/\(Self.digest("e"))/adapter.gguf")
            var settings = HousekeepingService.Settings()
            settings.policy = try #require(RetentionPolicy("jobs=1h,artifacts=1h,reports=1h"))
            let service = HousekeepingService(
                store: scene.fixture.store.housekeeping, files: scene.files(), worker: "one", settings: settings,
                logger: Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() }))
            _ = try await service.tick()
            for job in ["after", "odd", "zero"] { #expect(access("\(scene.paths.jobs)/\(job)", F_OK) != 0) }
            #expect(faccessat(jobs, noText, F_OK, 0) == 0)
            #expect(try scene.names(in: scene.paths.artifacts) == [])
        }
    }

    @Test("what a crash left half-made or half-removed goes after a day, and reports by their age alone")
    func leftovers() async throws {
        try await scene { scene in
            try scene.put("artifacts/.partial-x/adapter.gguf")
            try scene.put("jobs/.removed-x/job.json")
            try scene.put("reports/weekly.html")
            let soon = scene.files(now: Date(timeIntervalSinceNow: 3600 * 2))
            for subject in [RetentionPolicy.Subject.jobs, .artifacts] {
                #expect(try await soon.prune(subject, olderThan: .zero).rows == 0)
                #expect(try await scene.files().prune(subject, olderThan: .seconds(400 * 86_400)).rows == 1)
            }
            #expect(try await soon.prune(.reports, olderThan: .seconds(3 * 3600)).rows == 0)
            #expect(try await soon.prune(.reports, olderThan: Self.age).rows == 1)
        }
    }
}

import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Glibc
import Logging
import ManagedProcess
import PostgresClient
import Testing

@Suite("What stands of the evidence outside the database")
struct AuditAnchorTests {
    private struct Setting: Sendable {
        var store: PostgresStores
        var pool: PostgresPool
        var path: String

        func anchor(compactFrom: Int = .max, patience: Duration = .seconds(10)) async throws -> AuditAnchor {
            try await AuditAnchor(
                path: path, compactFrom: compactFrom, patience: patience, logger: PostgresFixture.shared.logger)
        }

        func report(_ name: String, _ anchor: AuditAnchor) async throws -> AuditReport {
            try await EvidenceAudit(stores: store, artifacts: NoArtifacts(), anchor: anchor).report(name: name)
        }
    }

    private static func run(_ body: @Sendable (Setting) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            try await PostgresFixture.shared.withDatabase { pool in
                let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
                try await AuditHistory(store: store, pool: pool).add(2)
                try await body(Setting(store: store, pool: pool, path: directory + "/audit/heads.jsonl"))
            }
        }
    }

    @Test("without it, whether an end was cut off is unknown; with it, a cut end is named")
    func cut() async throws {
        try await Self.run { setting in
            let anchor = try await setting.anchor()
            let before = try await setting.report("audited-1", anchor)
            #expect(before.verdict == .unknown && before.unknowns.map(\.code) == ["audit.not_anchored"])
            try await anchor.look(in: setting.store)
            #expect(try await setting.report("audited-1", anchor).verdict == .holds)
            let head = before.head
            try await setting.pool.behindTheTriggers(
                "DELETE FROM pointer_move WHERE id = (SELECT max(id) FROM pointer_move WHERE use_case_id = 1)",
                "UPDATE release_pointer SET release_id = 1 WHERE use_case_id = 1",
                "DELETE FROM audit_leaf WHERE use_case_id = 1 AND sequence = \(head.entries)",
                "DELETE FROM audit_entry WHERE use_case_id = 1 AND sequence = \(head.entries)",
                """
                UPDATE audit_head SET (sequence, hash) = (SELECT sequence, hash FROM audit_entry WHERE use_case_id = 1
                    ORDER BY sequence DESC LIMIT 1) WHERE use_case_id = 1
                """)
            let cut = try await setting.report("audited-1", anchor)
            #expect(cut.findings.map(\.code) == ["audit.history_cut"])
            #expect(
                cut.findings.first?.sentence.hasPrefix(
                    "entries \(head.entries) to \(head.entries) of the chain are missing (\(head.entries) move ")
                    == true,
                "\(cut.findings)")
            // The witness stays, whatever is added afterwards.
            try await setting.pool.execute("UPDATE label SET verdict = 'skip' WHERE use_case_id = 1")
            try await anchor.look(in: setting.store)
            #expect(await anchor.line(of: "audited-1")?.head == head)
            #expect(try await setting.report("audited-1", anchor).findings.map(\.code) == ["audit.history_cut"])
            #expect(try await setting.report("audited-2", anchor).verdict == .holds)
        }
    }

    @Test("a use case that was taken away whole is missing by its name")
    func gone() async throws {
        try await Self.run { setting in
            let anchor = try await setting.anchor()
            try await anchor.look(in: setting.store)
            try await setting.pool.behindTheTriggers(
                "DELETE FROM transition WHERE use_case_id = 2", "DELETE FROM audit_entry WHERE use_case_id = 2",
                "DELETE FROM use_case WHERE id = 2")
            let audit = EvidenceAudit(stores: setting.store, artifacts: NoArtifacts(), anchor: anchor)
            #expect(try await audit.names() == ["audited-1", "audited-2"])
            let report = try await audit.report(name: "audited-2")
            #expect(report.verdict == .changed && report.findings.map(\.code) == ["audit.use_case_missing"])
            #expect(report.findings[0].sentence.contains("3 cycle 2"), "\(report.findings)")
            let unknown = await code { _ = try await audit.report(name: "nobody") }
            #expect(unknown == "use_case.unknown")
        }
    }

    @Test("it is found again by the next daemon, a line that a crash cut off is none, and nobody else may read it")
    func reopened() async throws {
        try await Self.run { setting in
            let first = try await setting.anchor()
            try await first.look(in: setting.store)
            let lines = await [first.line(of: "audited-1")?.head, first.line(of: "audited-2")?.head]
            let file = try FileHandle(forWritingTo: URL(filePath: setting.path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(#"{"useCase":"audited-1","he"#.utf8))
            try file.close()
            let second = try await setting.anchor()
            #expect(await [second.line(of: "audited-1")?.head, second.line(of: "audited-2")?.head] == lines)
            #expect(await second.unreadable == 0)
            _ = try await setting.store.moveChampion(
                of: UseCaseID(1), to: 1, actor: "ada", reason: "back to the first")
            try await second.look(in: setting.store)
            let third = try await setting.anchor()
            #expect(await third.line(of: "audited-1")?.head == second.line(of: "audited-1")?.head)
            #expect(await third.line(of: "audited-1")?.head != lines[0])
            #expect(await third.unreadable == 0, "what a crash cut off is gone with the next line")
            let mode = try FileManager.default.attributesOfItem(atPath: setting.path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
    }

    @Test("a look without anything new writes nothing")
    func quiet() async throws {
        try await Self.run { setting in
            let anchor = try await setting.anchor()
            try await anchor.look(in: setting.store)
            let size = try Data(contentsOf: URL(filePath: setting.path)).count
            for _ in 0..<3 { try await anchor.look(in: setting.store) }
            #expect(try Data(contentsOf: URL(filePath: setting.path)).count == size)
        }
    }

    @Test("nothing is added or written anew while another process has the lock, and nothing is lost by that")
    func locked() async throws {
        try await Self.run { setting in
            let first = try await setting.anchor(patience: .zero)
            let lock = URL(filePath: setting.path + ".lock")
            try await FileLock.holding(
                lock, waiting: {},
                body: { _ in
                    let added = await code { try await first.look(in: setting.store) }
                    #expect(added == "audit.anchor_not_writable")
                    let opened = await code { _ = try await setting.anchor(compactFrom: 0, patience: .zero) }
                    #expect(opened == "audit.anchor_not_writable")
                    #expect(await first.line(of: "audited-1") == nil)
                })
            try await first.look(in: setting.store)
            #expect(await first.line(of: "audited-1") != nil)
            #expect(try await setting.report("audited-1", first).verdict == .holds)
        }
    }

    @Test("a daemon that writes the file anew loses no line that another one adds meanwhile", .timeLimit(.minutes(2)))
    func twoWriters() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory + "/heads.jsonl"
            let names = (1...40).map { "use-case-\($0)" }
            let logger = PostgresFixture.shared.logger
            // The other one knows nothing of these names, and opens the file over and over.
            let writer = try await AuditAnchor(path: path, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for name in names {
                        try await writer.note(UseCaseID(1), name: name, in: GrowingStore())
                    }
                }
                group.addTask {
                    for _ in 0..<40 { _ = try await AuditAnchor(path: path, compactFrom: 0, logger: logger) }
                }
                try await group.waitForAll()
            }
            let read = try await AuditAnchor(path: path, logger: logger)
            #expect(await read.names == names.sorted())
            #expect(await read.unreadable == 0)
        }
    }

    @Test("a file that can't be read is not taken for an empty one", arguments: ["folder", "pipe", "link"])
    func unreadable(how: String) async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory + "/heads.jsonl"
            let logger = PostgresFixture.shared.logger
            let anchor = try await AuditAnchor(path: path, logger: logger)
            switch how {
            case "folder": #expect(mkdir(path, 0o700) == 0)
            case "pipe": #expect(mkfifo(path, 0o600) == 0)
            default: #expect(symlink(directory + "/none", path) == 0)
            }
            #expect(await code { _ = try await AuditAnchor(path: path, logger: logger) } == "audit.anchor_unreadable")
            let added = await code { try await anchor.note(UseCaseID(1), name: "triage", in: GrowingStore()) }
            #expect(added?.hasPrefix("audit.anchor_") == true)
            #expect(await anchor.line(of: "triage") == nil)
        }
    }

    @Test("a file that can't be opened at this moment keeps all that stands in it")
    func exhausted() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory.make()
            let path = directory + "/heads.jsonl"
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let anchor = try await AuditAnchor(path: path, logger: logger)
            try await anchor.note(UseCaseID(1), name: "triage", in: GrowingStore())
            let bytes = try Data(contentsOf: URL(filePath: path)) + Data("{\"useCase".utf8)
            try bytes.write(to: URL(filePath: path))
            try await ExhaustedFiles.during {
                await #expect(throws: FledgeError.self) { try await AuditAnchor(path: path, logger: logger) }
                await #expect(throws: FledgeError.self) {
                    try await anchor.note(UseCaseID(2), name: "other", in: GrowingStore())
                }
            }
            var status = stat()
            try #require(stat(path, &status) == 0 && Int(status.st_size) == bytes.count)
            try TemporaryDirectory.remove(directory)
        }
    }

    @Test("a last line that lacks its end alone stays, and the next goes behind it")
    func unended() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory + "/heads.jsonl"
            let logger = PostgresFixture.shared.logger
            let first = try await AuditAnchor(path: path, logger: logger)
            try await first.note(UseCaseID(1), name: "triage", in: GrowingStore(entries: 9))
            let whole = try Data(contentsOf: URL(filePath: path))
            try whole.dropLast().write(to: URL(filePath: path))
            let second = try await AuditAnchor(path: path, logger: logger)
            try await second.note(UseCaseID(2), name: "other", in: GrowingStore())
            #expect(try Data(contentsOf: URL(filePath: path)).starts(with: whole))
            let third = try await AuditAnchor(path: path, logger: logger)
            #expect(await third.names == ["other", "triage"])
            #expect(await third.unreadable == 0)
            #expect(await third.line(of: "triage")?.head.entries == 9)
        }
    }

    @Test("of two daemons' lines the one that has come further counts, whichever was written last")
    func furthest() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory + "/heads.jsonl"
            let logger = PostgresFixture.shared.logger
            let slow = try await AuditAnchor(path: path, logger: logger)
            let quick = try await AuditAnchor(path: path, logger: logger)
            try await quick.note(UseCaseID(1), name: "triage", in: GrowingStore(entries: 9))
            try await slow.note(UseCaseID(1), name: "triage", in: GrowingStore(entries: 4))
            let next = try await AuditAnchor(path: path, compactFrom: 0, logger: logger)
            #expect(await next.line(of: "triage")?.head.entries == 9)
            #expect(try await AuditAnchor(path: path, logger: logger).line(of: "triage")?.head.entries == 9)
        }
    }
}

/// A chain of some length, of whatever use case is asked for.
private struct GrowingStore: AuditStore {
    var entries = 3

    func auditHead(of useCase: UseCaseID) async throws -> AuditHead {
        AuditHead(entries: entries, hash: "h\(entries)", transitions: entries, historyHash: "t\(entries)")
    }

    func audit(_ useCase: UseCaseID, cycle: CycleID?) async throws -> AuditReading {
        AuditReading(chain: [], tallies: [], links: [], standings: [], figures: [], open: 0)
    }

    func auditEntries(of useCase: UseCaseID, after sequence: Int) async throws -> [AuditEntry] { [] }

    func auditHashes(of useCase: UseCaseID, entry: Int, transition: Int) async throws -> (String?, String?) {
        ("h\(entry)", "t\(transition)")
    }

    func auditGrowth(since place: AuditGrowth.Place) async throws -> AuditGrowth { AuditGrowth(grown: [], next: place) }
    func useCaseNames() async throws -> [String] { [] }
    func championAdapters() async throws -> [(useCase: String, release: Int, adapter: AdapterDigest)] { [] }
}

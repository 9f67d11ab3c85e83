import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Testing

@Suite("Whose the files of a state folder are")
struct FileHousekeepingTests {
    /// A database that knows none of the files.
    private struct Stranger: KeptFilesStore {
        var name = "stranger"

        func identity() async throws -> String { name }

        func standing(ofJobs intents: [String], olderThan age: Duration) async throws -> [String: KeptFile] {
            Dictionary(uniqueKeysWithValues: intents.map { ($0, .unknown) })
        }

        func standing(ofAdapters adapters: [String], olderThan age: Duration) async throws -> [String: KeptFile] {
            Dictionary(uniqueKeysWithValues: adapters.map { ($0, .unknown) })
        }
    }

    private func paths(_ directory: String) -> StatePaths {
        StatePaths(
            environment: ["FLEDGE_STATE_DIR": directory + "/state"], isRoot: false, currentDirectory: directory)
    }

    private func put(_ path: String) throws {
        let file = URL(filePath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("x".utf8).write(to: file)
    }

    @Test(
        "a list of databases that can't be read keeps every job and adapter, and is left as it is; reports go on",
        arguments: ["bytes", "empty", "folder", "link"])
    func unreadable(how: String) async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            try paths.createState()
            let adapter = paths.artifacts + "/" + String(repeating: "a", count: 64)
            try put(paths.jobs + "/another-databases/job.json")
            try put(adapter + "/fledge.json")
            try put(paths.reports + "/weekly.html")
            let bytes = Data("other\n".utf8) + [0xFF, 0xFE]
            switch how {
            case "bytes": try bytes.write(to: URL(filePath: paths.databases))
            case "empty": try Data().write(to: URL(filePath: paths.databases))
            case "folder": try put(paths.databases + "/file")
            default: #expect(symlink(paths.databases, paths.databases) == 0)
            }
            let files = FileHousekeeping(paths: paths, store: Stranger()) { Date(timeIntervalSinceNow: 172_800) }
            for subject in [RetentionPolicy.Subject.jobs, .artifacts] {
                let error = await #expect(throws: FledgeError.self) {
                    try await files.prune(subject, olderThan: .seconds(60))
                }
                #expect(error?.code == "state.databases_unreadable" && error?.place == paths.databases)
            }
            #expect(await code { _ = try await files.isOnlyDatabase() } == "state.databases_unreadable")
            #expect(FileManager.default.fileExists(atPath: paths.jobs + "/another-databases/job.json"))
            #expect(FileManager.default.fileExists(atPath: adapter + "/fledge.json"))
            if how == "bytes" { #expect(try Data(contentsOf: URL(filePath: paths.databases)) == bytes) }
            #expect(try await files.prune(.reports, olderThan: .seconds(60)).rows == 1)
        }
    }

    @Test("databases that are noted at the same moment are all noted", .timeLimit(.minutes(1)))
    func together() async throws {
        try await TemporaryDirectory.with { directory in
            let paths = paths(directory)
            try paths.createState()
            let names = (1...12).map { "database-\($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    group.addTask {
                        try await FileHousekeeping(paths: paths, store: Stranger(name: name)).isOnlyDatabase()
                    }
                }
                try await group.waitForAll()
            }
            let noted = try String(contentsOfFile: paths.databases, encoding: .utf8).split(separator: "\n")
            #expect(noted.map(String.init).sorted() == names.sorted())
        }
    }
}

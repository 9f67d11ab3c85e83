import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess
import Testing

@testable import FledgeTraining

@Suite("The folder of a training job")
struct JobFolderTests {
    /// The folder of job `run`, whose lock a process that is no trainer holds while the body runs.
    private func held(_ body: (URL, ManagedProcess) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let folder = URL(filePath: directory + "/jobs/run", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: folder.appending(path: "job.json"))
            let holder = try await ManagedProcess.start(
                Command(
                    "/bin/sh", ["-c", "exec 9>>lock; flock 9; echo held; read -r _"], workingDirectory: folder),
                bond: .leash)
            var lines = holder.lines.makeAsyncIterator()
            #expect(await lines.next()?.contains("held") == true)
            do { try await body(folder, holder) } catch {
                await holder.terminate(grace: .seconds(1))
                throw error
            }
            await holder.terminate(grace: .seconds(1))
        }
    }

    private func executor(_ folder: URL, later: TimeInterval) -> LocalExecutor {
        LocalExecutor(
            jobsDirectory: folder.deletingLastPathComponent().path, cacheDirectory: "/nonexistent",
            logger: TrainingJob.logger, now: { Date(timeIntervalSinceNow: later) })
    }

    @Test(
        "a lock that somebody holds keeps a job that ended from ending for half a minute at most, and the log says who",
        arguments: [
            ("0", nil), ("75", "4194303"), (nil, "4194303"), (nil, nil), (nil, "-1"), (nil, "0"),
        ] as [(String?, String?)])
    func stranger(exit: String?, pid: String?) async throws {
        try await held { folder, holder in
            if let exit { try Data("\(exit)\n".utf8).write(to: folder.appending(path: "exit")) }
            if let pid { try Data("\(pid)\n".utf8).write(to: folder.appending(path: "pid")) }
            let soon = try await executor(folder, later: 0).poll("run", from: 0)
            #expect(soon.state == .running && soon.log.isEmpty)
            let late = try await executor(folder, later: 31).poll("run", from: 0)
            guard case .failed = late.state else {
                Issue.record("the job is \(late.state)")
                return
            }
            #expect(late.log.count == 1 && late.log[0].contains("process \(holder.processID) ("))
            let found = try await executor(folder, later: 31).find(intent: "run")
            #expect(found == (exit == "0" ? "run" : nil))
        }
    }

    @Test("a trainer that lives is waited for as long as it takes")
    func alive() async throws {
        try await held { folder, holder in
            try Data("\(holder.processID)\n".utf8).write(to: folder.appending(path: "pid"))
            let update = try await executor(folder, later: 1e6).poll("run", from: 0)
            #expect(update.state == .running)
        }
    }

    @Test("a job whose state can't be read at this moment is neither started again nor failed")
    func exhausted() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory.make()
            let folder = URL(filePath: directory + "/jobs/run", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in ["lock", "pid", "events.jsonl"] {
                try Data("\(getpid())\n".utf8).write(to: folder.appending(path: name))
            }
            let weights = BaseWeights(path: "/models/m", sha256: Digest(of: "weights"))
            let specification = TrainingJob.specification(of: weights)
            let executor = LocalExecutor(
                jobsDirectory: directory + "/jobs", cacheDirectory: "/nonexistent", logger: TrainingJob.logger)
            let lock = open(folder.path + "/lock", O_RDONLY)
            try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
            try await ExhaustedFiles.during {
                let found = await #expect(throws: FledgeError.self) { try await executor.find(intent: "run") }
                try #require(found?.code == .fileUnread && found?.exitCode == .tryAgain)
                let polled = await #expect(throws: FledgeError.self) { try await executor.poll("run", from: 0) }
                try #require(polled?.code == .fileUnread)
                let sent = await #expect(throws: FledgeError.self) {
                    try await executor.submit(specification, intent: "run")
                }
                try #require(sent?.code == .fileUnread)
            }
            try #require(access(folder.path + "/pid", F_OK) == 0)
            close(lock)
            try TemporaryDirectory.remove(directory)
        }
    }

    @Test(
        "what a trainer that ended well has said is no failure of the training where it can't be read",
        arguments: ["begun", "exit", "forced", "lock"])
    func unreadable(name: String) async throws {
        try await TemporaryDirectory.with { directory in
            let folder = URL(filePath: directory + "/jobs/run", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("0\n".utf8).write(to: folder.appending(path: "exit"))
            let file = folder.appending(path: name)
            try? FileManager.default.removeItem(at: file)
            if name == "lock" {
                #expect(symlink("/etc/hostname", file.path) == 0)
            } else {
                try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
            }
            let error = await #expect(throws: FledgeError.self) {
                try await executor(folder, later: 0).poll("run", from: 0)
            }
            #expect(error?.code == "training.unreadable", "\(String(describing: error))")
        }
    }

    @Test("what it holds is closed to others, and a link is replaced rather than written through")
    func closed() async throws {
        try await TemporaryDirectory.with { directory in
            let job = JobFolder(url: URL(filePath: directory + "/jobs/run", directoryHint: .isDirectory))
            let weights = BaseWeights(path: "/models/m", sha256: Digest(of: "weights"))
            try job.create(TrainingJob.specification(of: weights))
            let other = directory + "/precious"
            try Data("precious".utf8).write(to: URL(filePath: other))
            for name in ["job.json", "cancelled"] {
                try? FileManager.default.removeItem(at: job.url.appending(path: name))
                #expect(symlink(other, job.url.appending(path: name).path) == 0)
            }
            try job.create(TrainingJob.specification(of: weights))
            try job.markCancelled()
            for path in [directory + "/jobs", job.url.path, job.url.path + "/job.json", job.url.path + "/cancelled"] {
                var status = stat()
                #expect(lstat(path, &status) == 0 && status.st_mode & 0o077 == 0, "\(path)")
                #expect(status.st_mode & S_IFMT != S_IFLNK)
            }
            #expect(try String(contentsOfFile: other, encoding: .utf8) == "precious")
        }
    }
}

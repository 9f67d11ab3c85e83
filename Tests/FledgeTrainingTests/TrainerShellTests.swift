import FledgeTestKit
import Foundation
import Glibc
import Testing

@testable import FledgeTraining
@testable import ManagedProcess

@Suite("The shell that holds a training job", .serialized)
struct TrainerShellTests {
    /// Says that it has begun, and goes on until it is ended.
    private static let listening = """
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        print("{}", flush=True)
        while True: signal.pause()
        """

    /// - Parameter isDeaf: as what holds a sandbox is, until the program says otherwise.
    private static func start(_ job: JobFolder, isDeaf: Bool) async throws -> ManagedProcess {
        try PrivateFolder.make(job.url.path)
        let words = ["python3", "-I", "-S", "-c", listening]
        var trainer = Command("/usr/bin/env", words, environment: ChildEnvironment.kept(), inheritsEnvironment: false)
        if isDeaf {
            trainer.executable = "/bin/sh"
            trainer.arguments = ["-c", "trap '' TERM; exec \"$@\"", "sh"] + words
        }
        return try await ManagedProcess.start(
            TrainerShell.command(trainer, in: job, isSandboxed: isDeaf, limitSeconds: 600), output: .file(job.events),
            errorLog: job.log,
            bond: .none)
    }

    /// Sends SIGTERM to job after job as soon as their numbers can be read, and awaits the end of each.
    private static func terminate(
        _ tries: Int, isDeaf: Bool, signals: Int = 1, before: (JobFolder) throws -> Void = { _ in }
    ) async throws {
        try await TemporaryDirectory.with { directory in
            for number in 1...tries {
                let job = JobFolder(url: URL(filePath: "\(directory)/\(number)", directoryHint: .isDirectory))
                let shell = try await start(job, isDeaf: isDeaf)
                defer { shell.signal(SIGKILL) }
                let isThere = await eventually(every: .zero) {
                    (try? job.processID) != nil || (try? job.exitStatus) != nil
                }
                try #require(isThere)
                try before(job)
                for _ in 1...signals { kill(-shell.processID, SIGTERM) }
                let hasEnded = await eventually(within: .seconds(60)) { (try? job.exitStatus) != nil }
                try #require(hasEnded, "try \(number)")
                #expect(try job.exitStatus == 128 + SIGTERM, "try \(number)")
                _ = await shell.waitForExit()
            }
        }
    }

    @Test("a trainer is ended by SIGTERM that comes while it is started", arguments: [true, false])
    func atOnce(isDeaf: Bool) async throws {
        try await Self.terminate(40, isDeaf: isDeaf)
    }

    @Test("more of them end it as one does", arguments: [true, false])
    func many(isDeaf: Bool) async throws {
        try await Self.terminate(20, isDeaf: isDeaf, signals: 3)
    }

    @Test("a trainer that is cancelled while it is started is ended", arguments: [true, false])
    func cancelled(isDeaf: Bool) async throws {
        try await Self.terminate(20, isDeaf: isDeaf) { try $0.markCancelled() }
    }

    @Test("a trainer that was cancelled before its process could be found is not started")
    func cancelledBefore() async throws {
        try await TemporaryDirectory.with { directory in
            let job = JobFolder(url: URL(filePath: directory + "/job", directoryHint: .isDirectory))
            try PrivateFolder.make(job.url.path)
            try job.markCancelled()
            let shell = try await Self.start(job, isDeaf: false)
            #expect(await shell.waitForExit().isSuccess)
            #expect(try job.exitStatus == 128 + SIGTERM)
            #expect(try Data(contentsOf: job.events).isEmpty)
        }
    }
}

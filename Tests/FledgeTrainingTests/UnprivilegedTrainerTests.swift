import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Testing

@testable import FledgeTraining
@testable import ManagedProcess

@Suite("A trainer of root's without a sandbox", .serialized, .enabled(if: geteuid() == 0))
struct UnprivilegedTrainerTests {
    /// Prepares weights, which another job can't change, or trains: says who it is and what it gets to.
    private static let program = """
        import json, os, sys
        cache = sys.argv[sys.argv.index("--cache") + 1]
        job = json.load(open(next(x for x in sys.argv if x.endswith("job.json"))))
        folder = os.path.join(cache, "weights-" + job["baseWeights"]["sha256"][:16])
        if "--prepare" in sys.argv:
            os.mkdir(folder)
            json.dump({"architectures": ["Some"]}, open(folder + "/config.json", "w"))
            open(folder + "/model.safetensors", "w").write("dequantised")
            sys.exit(0)
        seen = []
        def can(name, what):
            try:
                if what() is not False: seen.append(name)
            except OSError: pass
        can("weights", lambda: open(folder + "/model.safetensors").read() == "dequantised")
        can("output", lambda: open("output/mine", "w").write("x"))
        can("change weights", lambda: open(folder + "/model.safetensors", "a").write("x"))
        other = {"first": "second", "second": "first"}[os.path.basename(os.getcwd())]
        for name in ["job.json", "output/mine"]: can("other's " + name, lambda: open(f"../{other}/{name}").read())
        for name in ["pid", "lock", "events.jsonl"]: can("read " + name, lambda: open(name).read())
        for name in ["pid", "exit", "new", "job.json"] if os.getuid() else []: can("write " + name, lambda: open(name, "a").write("4711"))
        can("list", lambda: os.listdir("..") or os.listdir("."))
        can("database", lambda: os.listdir("../../postgres"))
        print(json.dumps({"event": "log", "message": f"{os.getuid()} {os.getgroups()} {seen}"}), flush=True)
        """

    /// A machine that makes no sandbox, with a trainer of our own that runs there.
    private struct Machine {
        var directory: String
        var executor: LocalExecutor
        var jobs: String { directory + "/state/jobs" }

        /// What a trainer on these weights says of itself.
        func said(by intent: String, on weights: String) async throws -> [String] {
            let specification = TrainingJob.specification(
                of: BaseWeights(path: weights, sha256: Digest(of: "weights")))
            let job = try await executor.submit(specification, intent: intent)
            var follower = Follower(executor, job)
            #expect(try await follower.untilEnd())
            return follower.log
        }
    }

    nonisolated(nonsending) private static func withMachine(_ body: (Machine) async throws -> Void) async throws {
        try await TrainingJob.withDirectory { directory in
            let (state, cache) = (directory + "/state", directory + "/cache")
            for folder in [state, state + "/postgres", cache, directory + "/bin"] { try PrivateFolder.make(folder) }
            #expect(Passage.mark(state) && Passage.mark(cache))
            let refusal = "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
            try Data(refusal.utf8).write(to: URL(filePath: directory + "/bin/bwrap"))
            chmod(directory + "/bin/bwrap", 0o755)
            // Of an interpreter that others may run.
            let script = "umask 077; PATH=/usr/local/bin:/usr/bin:/bin exec python3 -m venv --without-pip \"$0\""
            let made = try await Command("/bin/sh", ["-c", script, cache + "/environment"]).run(timeout: .seconds(120))
            try #require(made.exit.isSuccess, "\(made.errorOutput)")
            let scripts = URL(filePath: cache + "/scripts", directoryHint: .isDirectory)
            try PrivateFolder.make(scripts.path)
            try PrivateFile.write(Data(program.utf8), to: scripts.path + "/train.py")
            let executor = LocalExecutor(
                jobsDirectory: state + "/jobs", cacheDirectory: cache, logger: TrainingJob.logger,
                variables: ["PATH": directory + "/bin"],
                installed: TrainerInstallation.Installed(
                    environment: PythonEnvironment(
                        directory: URL(filePath: cache + "/environment", directoryHint: .isDirectory)),
                    script: scripts.appending(path: "train.py")))
            try await body(Machine(directory: directory, executor: executor))
        }
    }

    @Test("its jobs run as a user without rights, each with its own folder, which is closed again at the end")
    func jobs() async throws {
        try await Self.withMachine { machine in
            let base = machine.directory + "/base"
            try Data("weights".utf8).write(to: URL(filePath: base))
            chmod(base, 0o644)
            for intent in ["first", "second"] {
                #expect(
                    try await machine.said(by: intent, on: base) == ["65522 [65522, 65524] ['weights', 'output']"])
                var status = stat()
                #expect(stat("\(machine.jobs)/\(intent)", &status) == 0)
                #expect(status.st_mode & 0o7777 == 0o700 && status.st_uid == 0)
                #expect(stat("\(machine.jobs)/\(intent)/output/mine", &status) == 0)
                #expect(status.st_mode & 0o077 == 0 && status.st_uid == 65_522)
            }
        }
    }

    @Test("jobs that were killed keep no number from those that start, and their folders are closed")
    func killed() async throws {
        try await Self.withMachine { machine in
            let base = machine.directory + "/base"
            try Data("weights".utf8).write(to: URL(filePath: base))
            chmod(base, 0o644)
            let left = Unprivileged.folderGroups.map { (path: "\(machine.jobs)/killed-\($0)", group: $0) }
            for (path, group) in left {
                try PrivateFolder.make(path)
                #expect(Passage.mark(path, for: group))
            }
            #expect(Unprivileged.freeGroup(for: machine.jobs + "/first") == nil)
            // One of them runs, and one is being started.
            let running = try #require(try FileLock.take(left[0].path + "/lock"))
            let starting = try #require(try FileLock.take(left[1].path + "/submission"))
            #expect(try await machine.said(by: "first", on: base).first?.hasPrefix("65522 ") == true)
            #expect(left.filter { Passage.isForOne($0.path) }.map { $0.group } == left.prefix(2).map { $0.group })
            running.release()
            starting.release()
            for (path, _) in left.prefix(2) {
                JobFolder(url: URL(filePath: path, directoryHint: .isDirectory)).closeAfterEnd()
                #expect(!Passage.isForOne(path))
            }
        }
    }

    @Test("a folder of weights is read by root where its files are closed, whatever the folder's own rights")
    func closedFiles() async throws {
        try await Self.withMachine { machine in
            let weights = machine.directory + "/model"
            #expect(mkdir(weights, 0o755) == 0 && chmod(weights, 0o755) == 0)
            // As `save_pretrained` leaves them.
            try PrivateFile.write(Data("{}".utf8), to: weights + "/config.json")
            try PrivateFile.write(Data("weights".utf8), to: weights + "/model.safetensors")
            chmod(weights + "/config.json", 0o644)
            let users: [(String, mode_t, String)] = [("first", 0o600, "0 "), ("second", 0o644, "65522 ")]
            for (intent, mode, user) in users {
                #expect(chmod(weights + "/model.safetensors", mode) == 0)
                let said = try await machine.said(by: intent, on: weights)
                #expect(said.count == 1 && said[0].hasPrefix(user), "\(said)")
            }
        }
    }
}

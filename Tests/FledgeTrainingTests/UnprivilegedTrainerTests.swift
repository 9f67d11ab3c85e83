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
        for name in ["pid", "exit", "new"]: can("write " + name, lambda: open(name, "a").write("4711"))
        can("list", lambda: os.listdir("..") or os.listdir("."))
        can("database", lambda: os.listdir("../../postgres"))
        print(json.dumps({"event": "log", "message": f"{os.getuid()} {os.getgroups()} {seen}"}), flush=True)
        """

    @Test("its jobs run as a user without rights, each with its own folder, which is closed again at the end")
    func jobs() async throws {
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
            try PrivateFile.write(Data(Self.program.utf8), to: scripts.path + "/train.py")
            try Data("weights".utf8).write(to: URL(filePath: directory + "/base"))
            chmod(directory + "/base", 0o644)
            let executor = LocalExecutor(
                jobsDirectory: state + "/jobs", cacheDirectory: cache, logger: TrainingJob.logger,
                variables: ["PATH": directory + "/bin"],
                installed: TrainerInstallation.Installed(
                    environment: PythonEnvironment(
                        directory: URL(filePath: cache + "/environment", directoryHint: .isDirectory)),
                    script: scripts.appending(path: "train.py")))
            let specification = TrainingJob.specification(
                of: BaseWeights(path: directory + "/base", sha256: Digest(of: "weights")))
            for intent in ["first", "second"] {
                let job = try await executor.submit(specification, intent: intent)
                var follower = Follower(executor, job)
                #expect(try await follower.untilEnd())
                #expect(follower.log == ["65522 [65522, 65524] ['weights', 'output']"])
                var status = stat()
                #expect(stat("\(state)/jobs/\(intent)", &status) == 0)
                #expect(status.st_mode & 0o7777 == 0o700 && status.st_uid == 0)
                #expect(stat("\(state)/jobs/\(intent)/output/mine", &status) == 0)
                #expect(status.st_mode & 0o077 == 0 && status.st_uid == 65_522)
            }
        }
    }
}

import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Testing

@testable import FledgeTraining
@testable import ManagedProcess

/// Programs of somebody else's in the place of the trainer, in the real sandbox.
@Suite("A trainer that does what its packages want", .serialized)
struct HostileTrainerTests {
    /// - Parameters:
    ///   - program: the trainer's script.
    ///   - path: where bubblewrap is looked for; nil for where it is.
    private func with(
        _ program: String, path: String? = nil, baseIsFile: Bool = false,
        patience: TrainerShell.Patience = TrainerShell.Patience(), _ body: (FakeTrainer) async throws -> Void
    ) async throws {
        try await FakeTrainer.with(program, path: path, baseIsFile: baseIsFile, patience: patience, body)
    }

    /// Tries everything, says what came of it, leaves a process behind, and names another adapter than its own.
    private static let hostile = """
        import json, os, signal, socket, sys
        here = os.getcwd()
        jobs, seen = os.path.dirname(here), []
        def can(name, what):
            try:
                if what() is not False: seen.append(name)
            except Exception: pass
        if json.load(open("job.json"))["limitSeconds"] != 600: seen.append("no job")
        for name in ["events.jsonl", "lock", "pid", "../other/job.json", "../../secret", "/etc/shadow", "/etc/passwd"]:
            can("read " + name, lambda: open(name).read(1))
        can("other jobs", lambda: set(os.listdir(jobs)) - {os.path.basename(here)} or False)
        can("more", lambda: set(os.listdir(here)) - {"job.json", "output"} or False)
        can("descriptors", lambda: [x for x in os.listdir("/proc/self/fd") if int(x) > 3] or False)
        can("processes", lambda: [x for x in os.listdir("/proc") if x.isdigit() and int(x) > 2] or False)
        can("network", lambda: len(open("/proc/net/route").readlines()) > 1)
        can("root", lambda: 0 in [*os.getresuid(), *os.getresgid()] or False)
        for name in ["pid", "exit", "lock", "events.jsonl", "trainer.log", "cancelled", "job.json", "new"]:
            try: open(name, "a").write("4711")
            except OSError: pass
        open("output/mine", "w").write("x")
        os.symlink(jobs + "/other/output/adapter", "output/link")
        print(json.dumps({"event": "log", "message": f"seen: {seen}"}), flush=True)
        if os.fork() == 0:
            os.setsid()
            for number in [signal.SIGTERM, signal.SIGHUP]: signal.signal(number, signal.SIG_IGN)
            while True: signal.pause()
        print(json.dumps({"event": "done", "adapterDirectory": ADAPTER, "goldenAnswers": [], "steps": 1, "seconds": 1}))
        """

    @Test(
        "it sees its own job and writes its own output, leaves nothing behind, and passes off nothing as its adapter",
        arguments: [
            #""../other/output/adapter""#, #"jobs + "/other/output/adapter""#, #""output/link""#, #""output""#,
            #""/etc""#,
        ])
    func hostile(adapter: String) async throws {
        try await with(Self.hostile.replacing("ADAPTER", with: adapter)) { trainer in
            try PrivateFolder.make(trainer.job("other") + "/output/adapter")
            try PrivateFile.write(Data("{}".utf8), to: trainer.job("other") + "/job.json")
            try PrivateFile.write(Data("secret".utf8), to: trainer.directory + "/secret")
            let job = try await trainer.executor.submit(trainer.specification, intent: "hostile")
            var follower = Follower(trainer.executor, job)
            #expect(try await follower.untilEnd())
            #expect(follower.log.contains("seen: []"), "\(follower.log)")
            guard case .failed("training.bad_output", _, isTransient: false) = follower.state else {
                Issue.record("the job ended as \(follower.state); it said: \(follower.log)")
                return
            }
            let isAlone = await eventually { trainer.processes.isEmpty }
            #expect(isAlone)
            // What holds the job is as it was, whatever was written in its place in the sandbox.
            let files = FileManager.default
            for name in ["pid", "exit", "lock", "events.jsonl", "trainer.log", "job.json"] {
                let text = try String(contentsOfFile: "\(trainer.job("hostile"))/\(name)", encoding: .utf8)
                #expect(!text.contains("4711"), "\(name)")
            }
            for name in ["cancelled", "new"] { #expect(!files.fileExists(atPath: "\(trainer.job("hostile"))/\(name)")) }
            var status = stat()
            #expect(stat(trainer.job("hostile") + "/output/mine", &status) == 0 && status.st_mode & 0o077 == 0)
            #expect(geteuid() != 0 || status.st_uid == Sandbox.User.trainer.rawValue)
            // Retention takes away what the trainer's user owns as well.
            let tree = try #require(try FileTree(trainer.directory + "/jobs"))
            for entry in try tree.entries() { try tree.remove(entry) }
            #expect(try tree.entries().isEmpty)
        }
    }

    /// Is deaf to SIGTERM for a moment, as what holds the sandbox is, and then waits.
    private static let slow = """
        import json, signal, time
        time.sleep(1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        print(json.dumps({"event": "started"}), flush=True)
        print(json.dumps({"event": "progress", "step": 1, "steps": 9, "elapsedSeconds": 1}), flush=True)
        signal.pause()
        """

    @Test("one that is cancelled before it has begun is ended all the same")
    func cancelledEarly() async throws {
        try await with(Self.slow) { trainer in
            let job = try await trainer.executor.submit(trainer.specification, intent: "slow")
            try await trainer.executor.cancel(job)
            var follower = Follower(trainer.executor, job)
            #expect(try await follower.untilEnd())
            #expect(follower.state == .cancelled)
            #expect(try String(contentsOfFile: trainer.job("slow") + "/exit", encoding: .utf8) == "143\n")
            let isAlone = await eventually { trainer.processes.isEmpty }
            #expect(isAlone)
        }
    }

    @Test("its process is found again by a daemon that was started anew, and ends with the shell that holds the job")
    func shell() async throws {
        try await with(Self.slow) { trainer in
            let job = try await trainer.executor.submit(trainer.specification, intent: "slow")
            var follower = Follower(trainer.executor, job)
            #expect(try await follower.untilProgress())
            let shell = try #require(TrainingJob.processID(of: job, in: trainer.directory))
            #expect(ProcessIdentity(processID: shell)?.isRunning == true)
            #expect(try await trainer.executor.find(intent: "slow") == job)
            #expect(kill(shell, SIGKILL) == 0)
            let isAlone = await eventually { trainer.processes.isEmpty }
            #expect(isAlone)
            #expect(try await follower.untilEnd())
            guard case .failed("training.lost", _, isTransient: true) = follower.state else {
                Issue.record("the job ended as \(follower.state)")
                return
            }
            // It is begun anew under the same name.
            #expect(try await trainer.executor.submit(trainer.specification, intent: "slow") == job)
            #expect(try await follower.untilProgress(after: 1))
            try await trainer.executor.cancel(job)
            #expect(try await follower.untilEnd())
            #expect(follower.state == .cancelled)
        }
    }

    /// Is deaf to SIGTERM, as is what it starts.
    private static let deaf = """
        import json, os, signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.fork()
        for step in range(1, 4):
            print(json.dumps({"event": "progress", "step": step, "steps": 9, "elapsedSeconds": 1}), flush=True)
        while True: signal.pause()
        """

    @Test(
        "one that is deaf to SIGTERM is ended by force after a while, with what it has started",
        arguments: [true, false], [true, false])
    func deaf(isSandboxed: Bool, isCancelled: Bool) async throws {
        try await Self.withBubblewrap(isSandboxed) { path in
            try await with(Self.deaf, path: path, patience: .init(stopping: .seconds(1))) { trainer in
                let job = try await trainer.executor.submit(trainer.specification, intent: "deaf")
                var follower = Follower(trainer.executor, job)
                #expect(try await follower.untilProgress())
                let group = try #require(TrainingJob.processID(of: job, in: trainer.directory))
                if isCancelled { try await trainer.executor.cancel(job) } else { kill(-group, SIGTERM) }
                #expect(try await follower.untilEnd())
                if isCancelled {
                    #expect(follower.state == .cancelled)
                } else if case .failed("training.stopped", _, isTransient: true) = follower.state {
                    #expect(try await trainer.executor.find(intent: "deaf") == nil)
                } else {
                    Issue.record("the job ended as \(follower.state)")
                }
                let isAlone = await eventually { trainer.processes.isEmpty }
                #expect(isAlone)
            }
        }
    }

    @Test(
        "one that goes on beyond its time limit is ended from outside, without a daemon, and not begun again",
        arguments: [true, false], [true, false])
    func overLimit(isSandboxed: Bool, isDeaf: Bool) async throws {
        try await Self.withBubblewrap(isSandboxed) { path in
            let patience = TrainerShell.Patience(stopping: .seconds(1), beyondLimit: .seconds(2))
            try await with(isDeaf ? Self.deaf : Self.slow, path: path, patience: patience) { trainer in
                var specification = trainer.specification
                specification.limitSeconds = 1
                let job = try await trainer.executor.submit(specification, intent: "late")
                var follower = Follower(trainer.executor, job)
                #expect(try await follower.untilEnd())
                guard case .failed("training.over_limit", _, isTransient: false) = follower.state else {
                    Issue.record("the job ended as \(follower.state)")
                    return
                }
                #expect(try await trainer.executor.find(intent: "late") == job)
                let isAlone = await eventually { trainer.processes.isEmpty }
                #expect(isAlone)
            }
        }
    }

    /// Runs the body with where bubblewrap is looked for: where it is, or where one is that gives up.
    nonisolated(nonsending) private static func withBubblewrap(
        _ isThere: Bool, _ body: (String?) async throws -> Void
    ) async throws {
        if isThere { return try await body(nil) }
        try await TemporaryDirectory.with { bin in
            try Data("#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n".utf8).write(
                to: URL(filePath: bin + "/bwrap"))
            chmod(bin + "/bwrap", 0o755)
            try await body(bin)
        }
    }

    /// Makes weights ready as the trainer does, with what `EXTRA` does besides, or lists what it sees of them.
    private static let preparing = """
        import json, os, sys
        cache = sys.argv[sys.argv.index("--cache") + 1]
        folder = os.path.join(cache, "weights-" + json.load(open(next(x for x in sys.argv if x.endswith("job.json"))))["baseWeights"]["sha256"][:16])
        if "--prepare" in sys.argv:
            os.mkdir(folder)
            json.dump({"architectures": ["Some"]}, open(folder + "/config.json", "w"))
            open(folder + "/model.safetensors", "w").write("dequantised")
            EXTRA
        else:
            text = open(folder + "/model.safetensors").read()
            try:
                open(folder + "/model.safetensors", "a").write("changed")
                text += " and changed"
            except OSError: pass
            print(json.dumps({"event": "log", "message": text}), flush=True)
            sys.exit(1)
        """

    @Test("the weights are dequantised once, by a run that writes nothing else, and only read by those that train")
    func dequantised() async throws {
        try await with(Self.preparing.replacing("EXTRA", with: "print('made')"), baseIsFile: true) { trainer in
            for intent in ["first", "second"] {
                let job = try await trainer.executor.submit(trainer.specification, intent: intent)
                var follower = Follower(trainer.executor, job)
                #expect(try await follower.untilEnd())
                #expect(follower.log.contains("dequantised"), "\(follower.log)")
                let said = try String(contentsOfFile: trainer.job(intent) + "/trainer.log", encoding: .utf8)
                #expect(said.contains("made") == (intent == "first"))
            }
            let names = try FileManager.default.contentsOfDirectory(
                atPath: trainer.directory + "/cache/training-weights"
            ).sorted()
            let name = "weights-\(Digest(of: "weights").rawValue.prefix(16))"
            #expect(names == [name, name + ".lock"])
        }
    }

    @Test(
        "weights that are no plain files are not kept",
        arguments: ["os.symlink('/etc', folder + '/link')", "os.mkdir(folder + '/more')"])
    func noWeights(extra: String) async throws {
        try await with(Self.preparing.replacing("EXTRA", with: extra), baseIsFile: true) { trainer in
            let error = await #expect(throws: FledgeError.self) {
                try await trainer.executor.submit(trainer.specification, intent: "first")
            }
            #expect(error?.code == "training.weights_failed" && error?.exitCode == .badData)
            let names = try FileManager.default.contentsOfDirectory(
                atPath: trainer.directory + "/cache/training-weights")
            #expect(!names.contains { !$0.hasSuffix(".lock") }, "\(names)")
        }
    }

    @Test(
        "a run that dequantises is tried again where it was killed, or memory or the disk was short, and only there",
        arguments: [
            ("os.kill(os.getpid(), 9)", "signal 9", true), ("sys.exit(75)", "made", true),
            ("raise MemoryError()", "MemoryError", true),
            ("raise OSError(28, os.strerror(28))", "No space left on device", true),
            ("os.kill(os.getpid(), 11)", "signal 11", false), ("sys.exit(1)", "made", false),
            ("import no_such_package", "No module named 'no_such_package'", false),
        ])
    func endedEarly(how: String, words: String, mayPass: Bool) async throws {
        // One that is killed has said nothing.
        let extra = (how.hasPrefix("os.kill") ? "" : "print('made', flush=True); ") + how
        try await with(Self.preparing.replacing("EXTRA", with: extra), baseIsFile: true) { trainer in
            let error = await #expect(throws: FledgeError.self) {
                try await trainer.executor.submit(trainer.specification, intent: "first")
            }
            #expect(error?.code == "training.weights_failed" && error?.exitCode == (mayPass ? .tryAgain : .software))
            #expect(error?.message.contains(words) == true && error?.message.contains(trainer.base) == true)
            let names = try FileManager.default.contentsOfDirectory(
                atPath: trainer.directory + "/cache/training-weights")
            #expect(!names.contains { !$0.hasSuffix(".lock") }, "\(names)")
        }
    }

    @Test("a file that the trainer can't dequantise is named, with what to do, and not tried again")
    func notDequantisable() async throws {
        let extra = """
            print(json.dumps({"event": "error", "code": "training.base_not_dequantisable", "message": "KeyError: q9"}))
                sys.exit(78)
            """
        try await with(Self.preparing.replacing("EXTRA", with: extra), baseIsFile: true) { trainer in
            let error = await #expect(throws: FledgeError.self) {
                try await trainer.executor.submit(trainer.specification, intent: "first")
            }
            #expect(error?.code == "training.base_not_dequantisable" && error?.exitCode == .badData)
            #expect(error?.message == "KeyError: q9" && error?.place == trainer.base && error?.hint != nil)
            #expect(!FileManager.default.fileExists(atPath: trainer.job("first") + "/pid"))
        }
    }

    @Test("a trainer that Python itself ends is told with its last words, not with those of a run before, and once")
    func brokenPackage() async throws {
        let program = """
            import json, os, sys
            if not os.path.exists("output/before"):
                open("output/before", "w")
                print(json.dumps({"event": "error", "code": "training.no_memory", "message": "none"}), flush=True)
                sys.exit(75)
            import no_such_package
            """
        try await with(program) { trainer in
            let job = try await trainer.executor.submit(trainer.specification, intent: "broken")
            var follower = Follower(trainer.executor, job)
            #expect(try await follower.untilEnd())
            #expect(follower.state == .failed(code: "training.no_memory", message: "none", isTransient: true))
            #expect(try await trainer.executor.submit(trainer.specification, intent: "broken") == job)
            #expect(try await follower.untilEnd())
            guard case .failed("training.crashed", let message, isTransient: false) = follower.state else {
                Issue.record("the job ended as \(follower.state)")
                return
            }
            #expect(message.contains("ModuleNotFoundError: No module named 'no_such_package'"), "\(message)")
            #expect(try await trainer.executor.find(intent: "broken") == job)
        }
    }

    @Test("weights behind links, as in the hub's cache, are seen in their place, and nothing else of where they lie")
    func links() async throws {
        let program = """
            import json, os
            base = json.load(open("job.json"))["baseWeights"]["path"]
            blobs = os.path.join(os.path.dirname(base), "blobs")
            seen = [open(base + "/config.json").read(), os.listdir(base), os.path.exists(blobs)]
            print(json.dumps({"event": "log", "message": str(seen)}), flush=True)
            """
        try await with(program) { trainer in
            let blobs = trainer.directory + "/blobs"
            try FileManager.default.createDirectory(atPath: blobs, withIntermediateDirectories: false)
            try Data("weights".utf8).write(to: URL(filePath: blobs + "/4f2a"))
            chmod(blobs + "/4f2a", 0o644)
            #expect(symlink("../blobs/4f2a", trainer.base + "/config.json") == 0)
            let job = try await trainer.executor.submit(trainer.specification, intent: "linked")
            var follower = Follower(trainer.executor, job)
            #expect(try await follower.untilEnd())
            #expect(follower.log == ["['weights', ['config.json'], False]"])
        }
    }

    @Test("weights that the trainer's user can't read are named, with what to do", .enabled(if: geteuid() == 0))
    func unreadable() async throws {
        try await with(Self.slow) { trainer in
            let file = trainer.base + "/model.safetensors"
            try PrivateFile.write(Data("x".utf8), to: file)
            let error = await #expect(throws: FledgeError.self) {
                try await trainer.executor.submit(trainer.specification, intent: "closed")
            }
            #expect(error?.code == "model.weights_unreadable" && error?.exitCode == .configuration)
            #expect(error?.place == file && error?.hint?.contains("setfacl -R -m u:65522:rX") == true)
        }
    }

    @Test("where the attempt to make a sandbox is killed, it is tried again, and nothing runs without one")
    func killedSandbox() async throws {
        try await TemporaryDirectory.with { bin in
            try Data("#!/bin/sh\nkill -KILL $$\n".utf8).write(to: URL(filePath: bin + "/bwrap"))
            chmod(bin + "/bwrap", 0o755)
            try await with(Self.slow, path: bin) { trainer in
                let error = await #expect(throws: FledgeError.self) {
                    try await trainer.executor.submit(trainer.specification, intent: "killed")
                }
                #expect(error?.code == "process.sandbox_failed" && error?.exitCode == .unavailable)
                #expect(!FileManager.default.fileExists(atPath: trainer.job("killed")))
            }
        }
    }

    @Test("one that makes a terabyte of its output is ended, and fails with the file and its size")
    func terabyte() async throws {
        let program = """
            import os, signal
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.ftruncate(1, 1 << 40)
            signal.pause()
            """
        try await with(program) { trainer in
            let job = try await trainer.executor.submit(trainer.specification, intent: "large")
            var follower = Follower(trainer.executor, job)
            #expect(try await follower.untilEnd())
            guard case .failed("training.bad_output", let message, isTransient: false) = follower.state else {
                Issue.record("the job ended as \(follower.state)")
                return
            }
            #expect(message.contains("events.jsonl has \(1 << 40) bytes"))
            let isAlone = await eventually { trainer.processes.isEmpty }
            #expect(isAlone)
        }
    }

    @Test("where no sandbox can be had, and its Python is closed to others, it trains as the daemon's user")
    func withoutSandbox() async throws {
        let program = """
            import json, os
            print(json.dumps({"event": "log", "message": f"user {os.getuid()} sees {os.path.exists('pid')}"}), flush=True)
            """
        try await Self.withBubblewrap(false) { bin in
            try await with(program, path: bin) { trainer in
                let job = try await trainer.executor.submit(trainer.specification, intent: "plain")
                var follower = Follower(trainer.executor, job)
                #expect(try await follower.untilEnd())
                #expect(follower.log == ["user \(geteuid()) sees True"])
            }
        }
    }
}

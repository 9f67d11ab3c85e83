import FledgeTestKit
import Foundation
import Glibc
import Synchronization
import Testing

@testable import ManagedProcess

/// Programs of a Python environment, on a machine of root's that makes no sandbox.
@Suite("Programs of root's without a sandbox", .serialized, .enabled(if: geteuid() == 0))
struct UnprivilegedTests {
    private static let path = "/usr/local/bin:/usr/bin:/bin"

    /// One environment without packages for all of these tests, in a marked folder, of an interpreter that others may run.
    private static let made = Task {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fledge-unprivileged-\(getpid())")
        try PrivateFolder.make(folder.path)
        atexit {
            try? FileManager.default.removeItem(atPath: NSTemporaryDirectory() + "/fledge-unprivileged-\(getpid())")
        }
        try #require(Passage.mark(folder.path))
        // As a daemon makes it, whose files are nobody else's.
        let script = "umask 077; PATH=\(path) exec python3 -m venv --without-pip \"$0\""
        let result = try await Command("/bin/sh", ["-c", script, folder.path + "/environment"]).run(
            timeout: .seconds(120))
        try #require(result.exit.isSuccess, "\(result.errorOutput)")
        return PythonEnvironment(directory: folder.appending(path: "environment", directoryHint: .isDirectory))
    }

    /// A machine that makes no sandbox, and a folder of its own with two jobs.
    private struct Machine {
        var folder: String
        /// Where bubblewrap is looked for.
        var variables: [String: String] { ["PATH": folder + "/bin"] }
        var jobs: String { folder + "/state/jobs" }

        func mode(_ path: String) -> mode_t? {
            var status = stat()
            return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
        }
    }

    nonisolated(nonsending) private static func withMachine(
        _ body: (Machine, PythonEnvironment) async throws -> Void
    ) async throws {
        let environment = try await made.value
        try await TemporaryDirectory.with { folder in
            let machine = Machine(folder: folder)
            try PrivateFolder.make(folder + "/bin")
            // Words of their own, since the same cause is warned of once in a process.
            let refusal = "bwrap: No permissions to create new namespace \(UUID().uuidString)"
            try Data("#!/bin/sh\necho '\(refusal)' >&2\nexit 1\n".utf8).write(to: URL(filePath: folder + "/bin/bwrap"))
            chmod(folder + "/bin/bwrap", 0o755)
            for job in ["a", "b"] {
                try PrivateFolder.make("\(machine.jobs)/\(job)/output")
                try PrivateFile.write(Data("job".utf8), to: "\(machine.jobs)/\(job)/job.json")
            }
            try await body(machine, environment)
        }
    }

    /// Says who it is, tries everything, and prints what came of it.
    private static let hostile = """
        import os, sys
        job, other, shown, secret, parent = sys.argv[1:]
        status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
        print("user", *os.getresuid())
        print("group", *os.getresgid(), *sorted(os.getgroups()))
        print("rights", *[int(status["Cap" + name], 16) for name in ["Inh", "Prm", "Eff", "Bnd", "Amb"]], status["NoNewPrivs"])
        print("home", os.environ["HOME"] == job + "/output", os.environ["USER"])
        def can(name, what):
            try:
                if what() is not False: print("can", name)
            except OSError: pass
        can("read its job", lambda: open("job.json").read() == "job")
        can("write its output", lambda: open(job + "/output/file", "w").write("x"))
        can("read what it is shown", lambda: open(shown + "/weights").read() == "shown")
        for path in [other + "/job.json", other + "/output/file", secret, "/etc/shadow", f"/proc/{parent}/environ"]:
            can("read " + path, lambda: open(path).read(1))
        for folder in [job, other, other + "/output", os.path.dirname(job), os.path.dirname(os.path.dirname(job)), "/root"]:
            can("list " + folder, lambda: os.listdir(folder))
        for path in [job + "/new", other + "/output/new", shown + "/weights", shown + "/new", sys.prefix + "/new", "/etc/new"]:
            can("write " + path, lambda: open(path, "a").write("x"))
        can("change rights", lambda: os.chmod(shown, 0o777))
        for name in ["setuid", "setgid"]: can(name, lambda: getattr(os, name)(0))
        can("set groups", lambda: os.setgroups([0]))
        can("signal its parent", lambda: os.kill(int(parent), 0))
        """

    @Test("they run as a user without rights, who reads and writes what is its job's, and nothing that is closed")
    func rights() async throws {
        try await Self.withMachine { machine, environment in
            #expect(Passage.mark(machine.folder + "/state"))
            let shown = machine.folder + "/state/shown"
            let secret = machine.folder + "/state/secret"
            try PrivateFolder.make(shown)
            try PrivateFile.write(Data("shown".utf8), to: shown + "/weights")
            try PrivateFile.write(Data("secret".utf8), to: secret)
            let said = Mutex<[String]>([])
            let prepared = try await PythonWorkplace.prepare(
                environment, as: .trainer, variables: machine.variables
            ) { text in said.withLock { $0.append(text) } }
            #expect(prepared.isUnprivileged && !prepared.isSandboxed && prepared.otherUser == 65_522)
            let showing = try prepared.showing(shown) { Issue.record("\($0)") }
            #expect(showing.isUnprivileged)
            let reached = try await showing.reaching([.init(shown)], through: [machine.jobs]) {
                Issue.record("\($0)")
            }
            let own = try reached.alone(in: machine.jobs + "/a")
            let other = try reached.alone(in: machine.jobs + "/b")
            for (place, job) in [(own, "a"), (other, "b")] {
                for name in ["job.json", "output"] { try place.give("\(machine.jobs)/\(job)/\(name)") }
            }
            try PrivateFile.write(Data("x".utf8), to: machine.jobs + "/b/output/file")
            try other.give(machine.jobs + "/b/output/file")
            let result = try await own.command(
                ["-c", Self.hostile, machine.jobs + "/a", machine.jobs + "/b", shown, secret, "\(getpid())"],
                sees: [.init(shown), .init(machine.jobs + "/a/output", isWritable: true)],
                in: URL(filePath: machine.jobs + "/a"), network: .own,
                filter: URL(filePath: machine.folder + "/calls.bpf")
            ).run(timeout: .seconds(60))
            #expect(result.exit.isSuccess, "\(result.errorOutput)")
            var status = stat()
            #expect(stat(machine.jobs + "/a", &status) == 0)
            let group = status.st_gid
            #expect(Unprivileged.folderGroups.contains(group))
            #expect(
                result.output.split(separator: "\n") == [
                    "user 65522 65522 65522", "group \(group) \(group) \(group) 65522 65524", "rights 0 0 0 0 0 1",
                    "home True fledge", "can read its job", "can write its output", "can read what it is shown",
                ])
            #expect(stat(machine.jobs + "/a/output/file", &status) == 0)
            #expect(status.st_uid == 65_522 && status.st_mode & 0o077 == 0)
            let told = said.withLock { $0 }
            #expect(
                told.count == 1 && told[0].contains("run as users without rights (65522 and 65523), not in a sandbox"))
        }
    }

    @Test("of two programs of one user neither looks into the other's memory or files that it has open")
    func apart() async throws {
        let waiting = """
            import os, sys
            file = open("job.json")
            print(os.getpid(), file.fileno(), flush=True)
            sys.stdin.read()
            """
        let looking = """
            import os, sys
            for name in ["environ", "maps", "cwd/job.json", f"fd/{sys.argv[2]}"]:
                try: print(name, len(open(f"/proc/{sys.argv[1]}/{name}").read()))
                except OSError: print("refused")
            """
        try await Self.withMachine { machine, environment in
            #expect(Passage.mark(machine.folder + "/state"))
            let prepared = try await PythonWorkplace.prepare(
                environment, as: .trainer, variables: machine.variables, warn: { _ in })
            let reached = try await prepared.reaching([], through: [machine.jobs]) { Issue.record("\($0)") }
            func command(_ program: [String], _ job: String) async throws -> Command {
                let place = try reached.alone(in: "\(machine.jobs)/\(job)")
                try place.give("\(machine.jobs)/\(job)/job.json")
                return try await place.command(
                    ["-c"] + program, sees: [], in: URL(filePath: "\(machine.jobs)/\(job)"), network: .own,
                    filter: URL(filePath: machine.folder + "/calls.bpf"))
            }
            let process = try await ManagedProcess.start(try await command([waiting], "a"), bond: .leash)
            var lines = process.lines.makeAsyncIterator()
            let numbers = try #require(await lines.next()).split(separator: " ").map(String.init)
            let looked = try await command([looking] + numbers, "b").run(timeout: .seconds(60))
            #expect(looked.output == String(repeating: "refused\n", count: 4), "\(looked.errorOutput)")
            // Its group is nobody else's as long as it lives, also where its folder is closed again.
            var status = stat()
            #expect(stat(machine.jobs + "/a", &status) == 0)
            let group = status.st_gid
            #expect(chmod(machine.jobs + "/a", 0o700) == 0)
            #expect(Unprivileged.freeGroup(for: machine.jobs + "/a") != group)
            await process.terminate(grace: .seconds(1))
            #expect(Unprivileged.freeGroup(for: machine.jobs + "/a") == group)
        }
    }

    @Test("where a folder of somebody's on the way is closed to them they run as root, and are told of with what to do")
    func closed() async throws {
        try await Self.withMachine { machine, environment in
            let home = machine.folder + "/home"
            try PrivateFolder.make(home + "/state/jobs")
            let weights = machine.folder + "/weights"
            try PrivateFile.write(Data("x".utf8), to: weights)
            let prepared = try await PythonWorkplace.prepare(
                environment, as: .server, variables: machine.variables, warn: { _ in })
            for (places, folders, words) in [
                ([], [home + "/state/jobs"], "\(home) is closed to them: chmod o+x"),
                ([Sandbox.Place(weights)], [], "they can't read \(weights): chmod o+r"),
            ] as [([Sandbox.Place], [String], String)] {
                let said = Mutex("")
                let place = try await prepared.reaching(places, through: folders) { text in said.withLock { $0 = text }
                }
                #expect(!place.isUnprivileged && place.otherUser == nil)
                let told = said.withLock { $0 }
                #expect(told.contains("runs as root, not in a sandbox") && told.contains(words), "\(told)")
                let command = try await place.command(
                    ["-c", "import os; print(os.getuid())"], sees: [], network: .none,
                    filter: URL(filePath: machine.folder + "/calls.bpf"))
                #expect(try await command.run().output == "0\n")
            }
            for path in [home, home + "/state", home + "/state/jobs"] { #expect(machine.mode(path) == 0o700) }
            #expect(machine.mode(weights) == 0o600)
            // What doctor tells is the same.
            let found = try await PythonWorkplace.hindrance(to: .trainer, through: [home + "/state"])
            #expect(found?.contains("is closed to them") == true)
        }
    }

    @Test("what can't be shown to them is read by root, of which is warned, and what a backup brought back is shown")
    func showing() async throws {
        try await Self.withMachine { machine, environment in
            let prepared = try await PythonWorkplace.prepare(
                environment, as: .server, variables: machine.variables, warn: { _ in })
            let state = machine.folder + "/state"
            #expect(Passage.mark(state))
            func folder(_ name: String, _ owner: uid_t, _ mode: mode_t) throws -> String {
                let path = "\(state)/\(name)"
                try PrivateFolder.make(path)
                try PrivateFile.write(Data("adapter".utf8), to: path + "/file")
                for place in [path, path + "/file"] { #expect(chown(place, owner, owner) == 0) }
                #expect(chmod(path, mode) == 0)
                return path
            }
            let ours = try folder("ours", 0, 0o700)
            let foreign = try folder("foreign", 65_533, 0o700)
            let linked = try folder("linked", 0, 0o700)
            #expect(link(linked + "/file", state + "/snapshot") == 0)
            #expect(chown(ours + "/file", 65_533, 65_533) == 0)
            let shared = try folder("shared", 0, 0o777)
            #expect(chown(shared + "/file", 65_533, 65_533) == 0)
            for (path, words) in [
                (ours + "/file", nil), (ours, nil), (foreign, nil), (shared, "belongs to user 65533"),
                (linked, "has a second name"), (state + "/snapshot", "has a second name"),
            ] as [(String, String?)] {
                let said = Mutex("")
                let place = try prepared.showing(path) { text in said.withLock { $0 = text } }
                #expect(place.isUnprivileged == (words == nil), "\(path)")
                let told = said.withLock { $0 }
                #expect(words.map { told.contains("runs as root") && told.contains($0) } ?? told.isEmpty, "\(told)")
            }
            // A snapshot of what is shown already changes nothing.
            #expect(link(ours + "/file", state + "/later") == 0)
            #expect(try prepared.showing(ours) { Issue.record("\($0)") }.isUnprivileged)
            var status = stat()
            for path in [ours, foreign] {
                #expect(stat(path + "/file", &status) == 0)
                #expect(status.st_uid == 0 && status.st_gid == 65_523 && status.st_mode & 0o7777 == 0o640)
            }
            #expect(stat(state + "/snapshot", &status) == 0 && status.st_gid == 0)
        }
    }

    @Test("what lies where files have no owners is read by root, of which is warned")
    func owners() async throws {
        try await Self.withMachine { machine, environment in
            let prepared = try await PythonWorkplace.prepare(
                environment, as: .server, variables: machine.variables, warn: { _ in })
            let adapter = machine.folder + "/adapter"
            try PrivateFile.write(Data("adapter".utf8), to: adapter)
            #expect(chmod(adapter, 0o644) == 0)
            // Without root's rights on files this thread may give none away, as nobody may on such a file system.
            typealias SetUser = @convention(c) (uid_t) -> Int32
            let symbol = try #require(dlsym(nil, "setfsuid"))
            let setUser = unsafeBitCast(symbol, to: SetUser.self)
            let said = Mutex("")
            _ = setUser(65_533)
            let place = Result { try prepared.showing(adapter) { text in said.withLock { $0 = text } } }
            _ = setUser(0)
            #expect(try !place.get().isUnprivileged)
            #expect(said.withLock { $0 }.contains("can't be given to another user"))
        }
    }

    @Test("folders of ours alone are marked, below a marked one, and stay so when folders are closed")
    func marks() async throws {
        try await Self.withMachine { machine, _ in
            func make(_ name: String, _ mode: mode_t, owner: uid_t = 0, group: gid_t = 0) throws -> String {
                let path = "\(machine.folder)/\(name)"
                try PrivateFolder.make(path)
                #expect(chown(path, owner, group) == 0 && chmod(path, mode) == 0)
                return path
            }
            for (mode, owner, group, isMarked) in [
                (0o700, 0, 0, true), (0o710, 0, 65_533, true), (0o750, 0, 65_533, false), (0o755, 0, 0, false),
                (0o1700, 0, 0, false), (0o700, 65_533, 65_533, false),
            ] as [(mode_t, uid_t, gid_t, Bool)] {
                let path = try make("of \(String(mode, radix: 8)) \(owner) \(group)", mode, owner: owner, group: group)
                #expect(Passage.mark(path) == isMarked && Passage.isMarked(path) == isMarked, "\(path)")
                #expect(machine.mode(path) == (isMarked ? 0o710 : mode), "\(path)")
            }
            let ours = try make("ours", 0o700)
            for name in ["ours/below", "ours/foreign", "ours/foreign/below", "elsewhere", "elsewhere/below"] {
                _ = try make(name, 0o700, owner: name == "ours/foreign" ? 65_533 : 0)
            }
            #expect(symlink("../elsewhere", ours + "/link") == 0)
            func open() {
                for name in ["below", "foreign/below", "link/below"] { Passage.open(to: "\(ours)/\(name)/it") }
            }
            open()
            #expect(machine.mode(ours + "/below") == 0o700)
            #expect(Passage.mark(ours))
            open()
            #expect(machine.mode(ours + "/below") == 0o710)
            for name in ["ours/foreign", "ours/foreign/below", "elsewhere", "elsewhere/below"] {
                #expect(machine.mode("\(machine.folder)/\(name)") == 0o700, "\(name)")
            }
            #expect(!PrivateFolder.close(ours) && !PrivateFolder.close(ours, passableBy: 65_533))
            #expect(Passage.isMarked(ours) && Passage.isOnTheWay(to: ours + "/below/it"))
            #expect(!Passage.isOnTheWay(to: machine.folder + "/elsewhere/below"))
        }
    }
}

import FledgeTestKit
import Foundation
import Glibc
import Synchronization
import Testing

@testable import ManagedProcess

/// Programs of a Python environment in the real sandbox, on a machine with something to lose.
@Suite("The sandbox of programs that live long", .serialized)
struct SandboxTests {
    /// One environment without packages for all of these tests, in a folder that nobody else may enter.
    private static let made = Task {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fledge-sandbox-\(getpid())")
        try PrivateFolder.make(folder.path)
        atexit { try? FileManager.default.removeItem(atPath: NSTemporaryDirectory() + "/fledge-sandbox-\(getpid())") }
        // As a daemon makes it, whose files are nobody else's.
        let result = try await Command(
            "/bin/sh", ["-c", "umask 077; exec python3 -m venv --without-pip \"$0\"", folder.path + "/environment"]
        ).run(timeout: .seconds(120))
        try #require(result.exit.isSuccess, "\(result.errorOutput)")
        return PythonEnvironment(directory: folder.appending(path: "environment", directoryHint: .isDirectory))
    }

    /// What a program could find: a secret beside what it is shown, a folder of its own, and whoever listens.
    struct Surroundings: Sendable {
        var folder: URL
        var port: UInt16
        var secret: URL { folder.appending(path: "secret") }
        var shown: URL { folder.appending(path: "shown") }
        var own: URL { folder.appending(path: "own", directoryHint: .isDirectory) }
        var socket: URL { folder.appending(path: "socket") }
        var filter: URL { folder.appending(path: "calls.bpf") }
    }

    private static func withSurroundings(
        as user: Sandbox.User, isRoot: Bool = geteuid() == 0,
        _ body: (PythonWorkplace, Surroundings) async throws -> Void
    ) async throws {
        let environment = try await made.value
        let folder = URL(filePath: "/tmp/fledge-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
        try PrivateFolder.make(folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await ForeignListener.with(socket: folder.path + "/socket") { port in
            let surroundings = Surroundings(folder: folder, port: port)
            for file in [surroundings.secret, surroundings.shown] {
                try PrivateFile.write(Data("canary".utf8), to: file.path)
            }
            try PrivateFolder.make(surroundings.own.path)
            let workplace = try await PythonWorkplace.prepare(environment, as: user, isRoot: isRoot) {
                Issue.record("\($0)")
            }
            for path in [surroundings.shown.path, surroundings.own.path] { try workplace.give(path) }
            try await body(workplace, surroundings)
        }
    }

    private static func command(
        _ program: String, in workplace: PythonWorkplace, _ surroundings: Surroundings, _ network: Sandbox.Network,
        holder: Sandbox.Holder = .shell
    ) async throws -> Command {
        try await workplace.command(
            [
                "-c", program, surroundings.secret.path, surroundings.shown.path, surroundings.own.path,
                surroundings.socket.path, "\(surroundings.port)", "\(getpid())",
            ],
            sees: [.init(surroundings.shown.path), .init(surroundings.own.path, isWritable: true)], network: network,
            filter: surroundings.filter, holder: holder)
    }

    /// Tries everything, and prints what came of it.
    private static let hostile = """
        import ctypes, os, socket, sys
        secret, shown, own, unix, port, parent = sys.argv[1:]
        def can(name, what):
            try:
                if what() is not False: print(name)
            except Exception as error:
                pass
        can("reads what it is shown", lambda: open(shown).read() == "canary")
        can("writes to its own folder", lambda: open(own + "/file", "w").write("x"))
        for path in [secret, "/etc/shadow", "/etc/passwd", "/root/.bashrc", f"/proc/{parent}/environ"]:
            can("reads " + path, lambda: open(path).read(1))
        for folder in [os.path.dirname(secret), os.path.dirname(sys.prefix)]:
            can("lists more of " + folder, lambda: set(os.listdir(folder)) - {"shown", "own", "environment"} or False)
        # In a folder for temporary files of its own it may make one of the same name.
        try: open(secret, "w").write("x")
        except OSError: pass
        for path in [shown, "/usr/hostile", "/etc/hostile", "/hostile", sys.prefix + "/hostile", "/var/tmp/hostile"]:
            can("writes " + path, lambda: open(path, "a").write("x"))
        can("writes to its temporary folder", lambda: open("/tmp/file", "w").write("x"))
        can("changes rights", lambda: os.chmod(shown, 0o666))
        can("sees " + parent, lambda: os.kill(int(parent), 0))
        def talk(family, kind, address):
            with socket.socket(family, kind) as it:
                it.settimeout(2)
                it.connect(address)
        can("connects", lambda: talk(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int(port))))
        can("connects to a socket", lambda: talk(socket.AF_UNIX, socket.SOCK_STREAM, unix))
        can("sends", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)))
        def fast():
            with socket.socket() as it: it.sendto(b"x", 0x20000000, ("127.0.0.1", int(port)))
        can("sends with the first packet", fast)
        def listen():
            with socket.create_server(("127.0.0.1", 0)): return True
        can("listens", listen)
        libc = ctypes.CDLL(None, use_errno=True)
        can("makes namespaces", lambda: libc.unshare(0x10000000) == 0)
        can("mounts", lambda: libc.mount(b"none", own.encode(), b"tmpfs", 0, None) == 0)
        can("traces", lambda: libc.ptrace(16, 1, 0, 0) == 0)
        for name in ["setuid", "setgid"]: can(name, lambda: getattr(libc, name)(0) == 0)
        can("is root", lambda: 0 in [*os.getresuid(), *os.getresgid(), *os.getgroups()])
        status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
        can("has capabilities", lambda: any(int(status[name], 16) for name in ["CapPrm", "CapEff", "CapBnd", "CapAmb"]) or False)
        can("types into a terminal", lambda: __import__("fcntl").ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, b"x"))
        """

    @Test(
        "what is not shown is not seen, nothing else is written, and the network is what it is meant to be",
        arguments: [
            (Sandbox.User.trainer, Sandbox.Network.own, ["sends", "listens"]),
            (.server, .answering, ["listens"]), (.server, .none, []),
        ])
    func hostile(user: Sandbox.User, network: Sandbox.Network, talks: [String]) async throws {
        try await Self.withSurroundings(as: user) { workplace, surroundings in
            try #require(workplace.isSandboxed)
            let result = try await Self.command(Self.hostile, in: workplace, surroundings, network).run(
                timeout: .seconds(60))
            #expect(result.exit.isSuccess, "\(result.errorOutput)")
            let expected =
                ["reads what it is shown", "writes to its own folder", "writes to its temporary folder"] + talks
            #expect(Set(result.output.split(separator: "\n").map(String.init)) == Set(expected))
            for path in ["/usr/hostile", "/etc/hostile", "/hostile", "/var/tmp/hostile"] {
                #expect(unlink(path) != 0, "\(path)")
            }
            var status = stat()
            #expect(stat(surroundings.own.path + "/file", &status) == 0)
            #expect(status.st_uid == workplace.otherUser ?? geteuid() && status.st_mode & 0o077 == 0)
            for file in [surroundings.shown, surroundings.secret] {
                #expect(try Data(contentsOf: file) == Data("canary".utf8))
            }
        }
    }

    @Test(
        "sockets are made of the families that are named, and of no other",
        arguments: [(Sandbox.Network.none, [], []), (.own, [1, 2, 10, 16], [1]), (.answering, [2, 10], [1])])
    func families(network: Sandbox.Network, sockets: [Int], pairs: [Int]) async throws {
        let program = """
            import errno, socket
            def known(make, family):
                for kind in [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET]:
                    try: make(family, kind)
                    except OSError as error:
                        if error.errno == errno.EPERM: continue
                    return True
            for make in [socket.socket, socket.socketpair]:
                print([family for family in range(64) if known(make, family)])
            """
        try await Self.withSurroundings(as: .trainer) { workplace, surroundings in
            let result = try await Self.command(program, in: workplace, surroundings, network).run()
            #expect(result.output == "\(sockets)\n\(pairs)\n", "\(result.errorOutput)")
        }
    }

    @Test("who has come is answered, by a server that can go to nobody")
    func answers() async throws {
        let program = """
            import socket, sys
            with socket.create_server(("127.0.0.1", 0)) as server:
                print(server.getsockname()[1], flush=True)
                while True:
                    connection, _ = server.accept()
                    connection.sendall(connection.recv(99).upper())
                    connection.close()
            """
        let asking = """
            import socket, sys
            with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as it:
                it.sendall(b"hello")
                print(it.recv(99).decode())
            """
        try await Self.withSurroundings(as: .server) { workplace, surroundings in
            let server = try await ManagedProcess.start(
                try await Self.command(program, in: workplace, surroundings, .answering), bond: .leash)
            var lines = server.lines.makeAsyncIterator()
            let port = try #require(await lines.next())
            let asked = try await Command("python3", ["-c", asking, port]).run()
            #expect(asked.output == "HELLO\n")
            #expect(await server.terminate(grace: .milliseconds(50)) != .exited(0))
        }
    }

    @Test("it is seen where a server listens, with all that it has started")
    func listening() async throws {
        let program = """
            import ctypes, os, socket, sys, time
            servers = [socket.create_server(("127.0.0.1", 0))]
            said, told = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    other = socket.create_server(("0.0.0.0", 0))
                    os.write(told, str(other.getsockname()[1]).encode())
                    time.sleep(600)
                os._exit(0)
            other = os.read(said, 99).decode()
            six = socket.create_server(("::1", 0), family=socket.AF_INET6) if socket.has_ipv6 else None
            print(servers[0].getsockname()[1], other, flush=True)
            sys.stdin.readline()
            """
        try await Self.withSurroundings(as: .server) { workplace, surroundings in
            let server = try await ManagedProcess.start(
                try await Self.command(program, in: workplace, surroundings, .answering), bond: .leash)
            var lines = server.lines.makeAsyncIterator()
            let ports = try #require(await lines.next()).split(separator: " ")
            let seen = ListeningSockets(of: server.processID)
            #expect(seen.isWhole)
            #expect(seen.addresses.filter { $0.hasPrefix("[") }.count == 1)
            let plain = seen.addresses.filter { !$0.hasPrefix("[") }
            #expect(Set(plain) == ["127.0.0.1:\(ports[0])", "0.0.0.0:\(ports[1])"])
            await server.terminate(grace: .milliseconds(50))
        }
    }

    @Test("a server that hides what it has open from a daemon that isn't root is found out")
    func hiding() async throws {
        // `PR_SET_DUMPABLE`.
        let program = """
            import ctypes, sys
            ctypes.CDLL(None).prctl(4, 0)
            print("hidden", flush=True)
            sys.stdin.readline()
            """
        try await Self.withSurroundings(as: .server) { workplace, surroundings in
            let server = try await ManagedProcess.start(
                try await Self.command(program, in: workplace, surroundings, .answering), bond: .leash)
            var lines = server.lines.makeAsyncIterator()
            #expect(await lines.next() == "hidden")
            // Nothing is hidden from root.
            #expect(ListeningSockets(of: server.processID).isWhole == (geteuid() == 0))
            await server.terminate(grace: .milliseconds(50))
        }
    }

    /// Waits with a process that has left its group; on SIGTERM it ends with 75.
    private static let waiting = """
        import os, signal, sys
        signal.signal(signal.SIGTERM, lambda *_: os._exit(75))
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True: signal.pause()
        print("ready", flush=True)
        while True: signal.pause()
        """

    enum End: CaseIterable, Sendable {
        /// SIGTERM comes through to the program, and its status back.
        case asked
        /// By force: the process that was started, or the program itself.
        case outermost, program
    }

    @Test(
        "however it ends, its status is told and nothing of it lives on",
        arguments: End.allCases, [Sandbox.Holder.shell, .caller, .input])
    func ends(_ end: End, holder: Sandbox.Holder) async throws {
        try await Self.withSurroundings(as: .server) { workplace, surroundings in
            var command = try await Self.command(Self.waiting, in: workplace, surroundings, .answering, holder: holder)
            if holder == .caller {
                let script = """
                    exec 3<&0; trap : TERM; "$@" <&3 & program=$!
                    while :; do wait $program; status=$?; kill -0 $program 2>/dev/null || exit $status; done
                    """
                command.arguments = ["-c", script, "sh", command.executable] + command.arguments
                command.executable = "/bin/sh"
            }
            let process = try await ManagedProcess.start(command, bond: .leash)
            var lines = process.lines.makeAsyncIterator()
            #expect(await lines.next() == "ready")
            let mark = surroundings.shown.path
            #expect(Self.processes(mark).count >= 5)
            // Its only child is the one that has left the group.
            let program = try #require(ProcessTree.parent(of: ProcessTree.innermost(of: process.processID)))
            switch end {
            case .asked: process.signal(SIGTERM)
            case .outermost: kill(process.processID, SIGKILL)
            case .program: kill(program, SIGKILL)
            }
            let exit = await process.waitForExit()
            #expect(Sandbox.exit(exit) == (end == .asked ? .exited(75) : .signalled(SIGKILL)))
            // All of them have this stream's other end, till just before their end.
            #expect(await lines.next() == nil)
            let isAlone = await eventually { Self.processes(mark).isEmpty }
            #expect(isAlone)
        }
    }

    @Test(
        "one that does what it can to outlive whoever holds its input ends with it, with all that it has started",
        arguments: geteuid() == 0 ? [true, false] : [false])
    func leash(isRoot: Bool) async throws {
        // Where it isn't another user's, it may open again what it has, and what other processes of its sandbox have.
        let deaf = """
            import os, signal, time
            for number in [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]: signal.signal(number, signal.SIG_IGN)
            held = []
            for process in ["self", "1"]:
                try: paths = [f"/proc/{process}/fd/{name}" for name in os.listdir(f"/proc/{process}/fd")]
                except OSError: paths = []
                for path in paths + [f"/proc/{process}/mem"]:
                    try: held.append((path, os.open(path, os.O_RDWR | os.O_NONBLOCK)))
                    except OSError: pass
            if os.fork() == 0: os.setsid()
            print("deaf", [path for path, _ in held if "/1/" in path], flush=True)
            while True: time.sleep(100)
            """
        try await Self.withSurroundings(as: .server, isRoot: isRoot) { workplace, surroundings in
            let server = try await Self.command(deaf, in: workplace, surroundings, .answering, holder: .input)
            // The pipe's other end is gone as soon as the program has begun.
            let script = "{ while [ ! -s \"$0\" ]; do sleep 0.1; done; } | \"$@\" >\"$0\""
            let told = surroundings.folder.appending(path: "told").path
            let result = try await Command(
                "/bin/sh", ["-c", script, told, server.executable] + server.arguments
            ).run(timeout: .seconds(600))
            #expect(Sandbox.exit(result.exit) == .signalled(SIGKILL))
            #expect(try String(contentsOfFile: told, encoding: .utf8).hasPrefix("deaf []\n"))
            let isAlone = await eventually { Self.processes(surroundings.shown.path).isEmpty }
            #expect(isAlone)
        }
    }

    /// Those whose arguments hold the mark, but for those that have ended and wait to be asked for.
    private static func processes(_ mark: String) -> [Int32] {
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return all.filter { process in
            let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return process != getpid() && String(decoding: words, as: UTF8.self).contains(mark)
        }
    }

    @Test("where namespaces are forbidden and Python is closed to others, programs run as this user, said once")
    func none() async throws {
        let environment = try await Self.made.value
        let bin = environment.directory.appending(path: UUID().uuidString)
        try PrivateFolder.make(bin.path)
        let refusal = "bwrap: No permissions to create new namespace \(UUID().uuidString)"
        try Data("#!/bin/sh\necho '\(refusal)' >&2\nexit 1\n".utf8).write(to: bin.appending(path: "bwrap"))
        chmod(bin.path + "/bwrap", 0o755)
        let said = Mutex<[String]>([])
        for user in [Sandbox.User.trainer, .server, .trainer] {
            let workplace = try await PythonWorkplace.prepare(environment, as: user, variables: ["PATH": bin.path]) {
                text in said.withLock { $0.append(text) }
            }
            #expect(!workplace.isSandboxed && workplace.otherUser == nil)
            let command = try await workplace.command(
                ["-c", "import os; print(os.getuid())"], sees: [.init("/nonexistent")], network: .none,
                filter: bin.appending(path: "calls.bpf"))
            #expect(try await command.run().output == "\(getuid())\n")
        }
        let told = said.withLock { $0 }
        #expect(told.count == 1 && told[0].contains(refusal) && told[0].contains("fledge doctor"))
        #expect(told[0].contains(geteuid() == 0 ? "run as root" : "run as this user"))
    }

    @Test(
        "what may pass, or isn't known, is an error that names it: nothing is run outside",
        arguments: [
            ("echo 'bwrap: Creating new namespace failed: Resource temporarily unavailable' >&2; exit 1", "Resource"),
            ("echo 'bwrap: Creating new namespace failed: Cannot allocate memory' >&2; exit 1", "allocate memory"),
            ("echo 'bwrap: Can'\\''t create file at /newroot/x: No space left on device' >&2; exit 1", "No space"),
            ("echo 'sh: 1: Cannot fork' >&2; exit 2", "Cannot fork"), ("kill -KILL $$", "signal 9"),
            // Python fails for a cause of its own.
            (
                "case \"$*\" in *python*) echo 'ImportError: gone' >&2; exit 1;; esac; exec /usr/bin/bwrap \"$@\"",
                "in a sandbox: ImportError: gone"
            ),
        ])
    func passing(script: String, words: String) async throws {
        let environment = try await Self.made.value
        let bin = environment.directory.appending(path: UUID().uuidString)
        try PrivateFolder.make(bin.path)
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: bin.appending(path: "bwrap"))
        chmod(bin.path + "/bwrap", 0o755)
        let error = await #expect(throws: ProcessError.self) {
            try await PythonWorkplace.prepare(environment, as: .trainer, variables: ["PATH": bin.path]) {
                Issue.record("\($0)")
            }
        }
        #expect(error?.code == .sandboxFailed && error?.message.contains(words) == true, "\(String(describing: error))")
    }

    @Test(
        "only what the kernel forbids or hasn't got is taken to last",
        arguments: [
            ("bwrap: No permissions to create new namespace, likely because the kernel does not allow it", true),
            ("bwrap: Creating new namespace failed: Operation not permitted", true),
            ("bwrap: setting up uid map: Permission denied", true),
            ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", true),
            ("bwrap: Unknown option --perms\nusage", true), ("setpriv: setresuid failed: Invalid argument", true),
            ("bwrap: Creating new namespace failed: Resource temporarily unavailable", false),
            ("bwrap: pipe2: Too many open files", false), ("", false),
            ("PermissionError: [Errno 1] x: Operation not permitted", false),
        ])
    func lasting(words: String, lasts: Bool) {
        #expect(Sandbox.isLasting(words, zeros: false) == lasts)
        #expect(Sandbox.isLasting(words, zeros: true) == lasts)
    }

    @Test("too many namespaces pass, unless none at all are allowed")
    func limits() throws {
        let words =
            "bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)"
        #expect(!Sandbox.isLasting(words, zeros: false) && Sandbox.isLasting(words, zeros: true))
        let folder = "/tmp/fledge-\(UUID().uuidString)"
        try PrivateFolder.make(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(!Sandbox.allowsNoNamespaces(folder: folder))
        for (text, isNone) in [("63481\n", false), ("0\n", true)] {
            try Data(text.utf8).write(to: URL(filePath: folder + "/max_user_namespaces"))
            #expect(Sandbox.allowsNoNamespaces(folder: folder) == isNone)
        }
    }

    @Test("what a user's own files don't let the sandbox's user read is named; links and groups change nothing")
    func unreadable() async throws {
        try await Self.withSurroundings(as: .trainer) { workplace, surroundings in
            let folder = surroundings.folder.appending(path: "weights")
            try PrivateFolder.make(folder.path)
            let file = folder.appending(path: "model.safetensors")
            try PrivateFile.write(Data("x".utf8), to: file.path)
            let places = [Sandbox.Place(folder.path), .init(file.path)]
            let isOther = workplace.otherUser != nil
            #expect(try await workplace.unreadable(among: places) == (isOther ? folder.path : nil))
            chmod(folder.path, 0o755)
            #expect(try await workplace.unreadable(among: places) == (isOther ? file.path : nil))
            chmod(file.path, 0o644)
            #expect(try await workplace.unreadable(among: places) == nil)
        }
    }

    @Test("a folder is given with what is in it, and nothing that a link in it leads to", .enabled(if: geteuid() == 0))
    func given() async throws {
        try await Self.withSurroundings(as: .trainer) { workplace, surroundings in
            let user = try #require(workplace.otherUser)
            try PrivateFolder.make(surroundings.own.path + "/below")
            try PrivateFile.write(Data("x".utf8), to: surroundings.own.path + "/below/file")
            #expect(symlink(surroundings.secret.path, surroundings.own.path + "/below/link") == 0)
            try workplace.give(surroundings.own.path)
            func owner(_ path: String) -> uid_t? {
                var status = stat()
                return lstat(path, &status) == 0 ? status.st_uid : nil
            }
            for path in ["", "/below", "/below/file", "/below/link"] {
                #expect(owner(surroundings.own.path + path) == user, "\(path)")
            }
            #expect(owner(surroundings.secret.path) == 0)
            #expect(throws: ProcessError.self) { try workplace.give(surroundings.own.path + "/below/link") }
            #expect(owner(surroundings.secret.path) == 0)
        }
    }
}

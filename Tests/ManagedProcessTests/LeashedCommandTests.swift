import FledgeTestKit
import Foundation
import Glibc
import Testing

@testable import ManagedProcess

@Suite("A program that makes something under a lock")
struct LeashedCommandTests {
    /// Starts its other arguments as a daemon does, under the lock that it has, and says when it has.
    private static let daemon = """
        import fcntl, os, subprocess, sys
        leash, end = os.pipe()
        lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = subprocess.Popen(sys.argv[2:], stdin=leash, stdout=subprocess.PIPE, stderr=lock, process_group=0)
        os.close(leash)
        print(made.stdout.readline().decode(), flush=True)
        made.wait()
        """

    /// Starts another process, says that it makes something, and goes on for longer than any test.
    private static let slow = "sleep 100000 & echo made; sleep 100000"

    /// Those whose arguments name the text, without the ones that have ended.
    private static func processes(naming text: String) -> [Int32] {
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return all.filter { process in
            let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return process != getpid() && String(decoding: words, as: UTF8.self).contains(text)
        }
    }

    @Test("it ends with a daemon that is killed, with all that it has started, and who waits has the lock only then")
    func killed() async throws {
        try await TemporaryDirectory.with { directory in
            let lock = directory + "/one.lock"
            let made = Command("/bin/sh", ["-c", Self.slow, directory]).leashed
            let daemon = try await ManagedProcess.start(
                Command("python3", ["-c", Self.daemon, lock, made.executable] + made.arguments))
            var lines = daemon.lines.makeAsyncIterator()
            #expect(await lines.next() == "made")
            let error = await #expect(throws: ProcessError.self) {
                try await FileLock.holding(URL(filePath: lock), within: .zero) { _ in }
            }
            #expect(error?.message.contains("is locked by") == true)
            #expect(kill(daemon.processID, SIGKILL) == 0)
            try await FileLock.holding(URL(filePath: lock)) { _ in }
            let isAlone = await eventually { Self.processes(naming: directory).isEmpty }
            #expect(isAlone)
        }
    }

    @Test("it ends when the work that has started it is cancelled, and what it left behind with it")
    func cancelled() async throws {
        try await TemporaryDirectory.with { directory in
            let (lock, log) = (URL(filePath: directory + "/one.lock"), URL(filePath: directory + "/log"))
            let work = Task {
                try await FileLock.holding(lock) { lock in
                    try await Command("/bin/sh", ["-c", Self.slow, directory]).run(logging: log, holding: lock)
                }
            }
            let isThere = await eventually { (try? String(contentsOf: log, encoding: .utf8)) == "made\n" }
            #expect(isThere)
            work.cancel()
            _ = await work.result
            try await FileLock.holding(lock) { _ in }
            let isAlone = await eventually { Self.processes(naming: directory).isEmpty }
            #expect(isAlone)
        }
    }

    @Test("what it writes is in the log alone, its status is its own, and it gets no descriptor but the standard ones")
    func told() async throws {
        try await TemporaryDirectory.with { directory in
            let (lock, log) = (URL(filePath: directory + "/one.lock"), URL(filePath: directory + "/log"))
            let exit = try await FileLock.holding(lock) { lock in
                try await Command(
                    "/bin/sh",
                    ["-c", "read -r _ || echo no input; for n in /proc/self/fd/*; do :; done; echo $n >&2; exit 7"]
                ).run(logging: log, holding: lock)
            }
            #expect(exit == .exited(7))
            #expect(try String(contentsOf: log, encoding: .utf8) == "no input\n/proc/self/fd/3\n")
            #expect(try Data(contentsOf: lock).isEmpty)
        }
    }
}

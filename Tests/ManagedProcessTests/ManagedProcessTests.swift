import FledgeTestKit
import Foundation
import Testing

@testable import ManagedProcess

@Suite("A managed process")
struct ManagedProcessTests {
    @Test("a short command gives its output, its errors and its status")
    func shortCommand() async throws {
        let result = try await Command(
            "/bin/sh", ["-c", "echo $COLOUR; echo bad >&2; exit 3"], environment: ["COLOUR": "green"]
        ).run()
        #expect(result.exit == .exited(3))
        #expect(result.output == "green\n")
        #expect(result.errorOutput == "bad\n")
    }

    @Test("a command that inherits nothing has what it is given, and nothing else")
    func ownEnvironment() async throws {
        let result = try await Command("/usr/bin/env", environment: ["COLOUR": "green"], inheritsEnvironment: false)
            .run()
        #expect(result.output == "COLOUR=green\n")
    }

    @Test("programs that serve and train get none of a daemon's keys, and pip gets what it fetches packages by")
    func childEnvironment() {
        let environment = [
            "PATH": "/bin", "CUDA_VISIBLE_DEVICES": "1", "LC_ALL": "C", "OMP_NUM_THREADS": "2",
            "OPENAI_API_KEY": "canary",
            "FLEDGE_TOKEN": "canary", "FLEDGE_DATABASE_URL": "canary", "PGPASSWORD": "canary", "HF_TOKEN": "canary",
            "AWS_SECRET_ACCESS_KEY": "canary", "PYTHONPATH": "canary", "LD_PRELOAD": "canary", "PIP_INDEX_URL": "p",
            "https_proxy": "h",
        ]
        let kept = ChildEnvironment.kept(of: environment)
        #expect(Set(kept.keys) == ["PATH", "CUDA_VISIBLE_DEVICES", "LC_ALL", "OMP_NUM_THREADS"])
        let installing = ChildEnvironment.kept(of: environment, installs: true)
        #expect(Set(installing.keys).subtracting(kept.keys) == ["PIP_INDEX_URL", "https_proxy"])
    }

    @Test("output beyond the limit ends the command, and is told as what it is")
    func tooMuchOutput() async throws {
        let error = await #expect(throws: ProcessError.self) {
            try await Command("/bin/sh", ["-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxx; done"]).run(
                outputLimit: 1 << 20)
        }
        #expect(error?.code == .tooMuchOutput && error?.message.contains("1 MB") == true)
    }

    @Test("a command that takes too long is ended and reported")
    func timeout() async throws {
        let error = await #expect(throws: ProcessError.self) {
            try await Command("/bin/sh", ["-c", "sleep 60"]).run(timeout: .milliseconds(50))
        }
        #expect(error?.code == .timedOut)
    }

    @Test("a program that does not exist is an error that names it")
    func missingProgram() async throws {
        let error = await #expect(throws: ProcessError.self) {
            _ = try await ManagedProcess.start(Command("no-such-program-here"))
        }
        #expect(error?.code == .notStarted)
        #expect(error?.message.contains("no-such-program-here") == true)
    }

    @Test("lines arrive while the child runs, and its last words after it was asked to end")
    func linesAndTermination() async throws {
        let child = try await ManagedProcess.start(
            Command("/bin/sh", ["-c", "trap 'echo bye; exit 7' TERM; echo hello; while :; do sleep 0.02; done"]))
        var lines = child.lines.makeAsyncIterator()
        #expect(await lines.next() == "hello")
        #expect(child.exit == nil)
        #expect(await child.terminate(grace: .seconds(10)) == .exited(7))
        #expect(await lines.next() == "bye")
        #expect(await lines.next() == nil)
    }

    @Test("a line without an end is cut, and of lines that nobody reads only so many are kept")
    func longLines() async throws {
        let child = try await ManagedProcess.start(
            Command(
                "/bin/sh", ["-c", "head -c 20000000 /dev/zero | tr '\\0' x; echo; echo next; yes | head -n 100000"]))
        #expect(await child.waitForExit() == .exited(0))
        var lines: [String] = []
        for await line in child.lines { lines.append(line) }
        #expect(lines.count == OutputLines.mostUnread)
        #expect(lines[0].utf8.count == OutputLines.longest && lines[1] == "next" && lines[2] == "y")
    }

    @Test("a child that ignores the request is ended by force, with what it started")
    func force() async throws {
        let child = try await ManagedProcess.start(
            Command("/bin/sh", ["-c", "trap '' TERM; sleep 600 & echo $!; wait; sleep 600"]))
        var lines = child.lines.makeAsyncIterator()
        #expect(await lines.next() != nil)
        #expect(await child.terminate(grace: .milliseconds(50)) == .signalled(9))
        // The grandchild held the same output: its end shows that nobody is left.
        #expect(await lines.next() == nil)
    }

    @Test("a process that writes to a file can be found again by its identity")
    func adoption() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = folder.appending(path: "events.jsonl")
        let child = try await ManagedProcess.start(
            Command("/bin/sh", ["-c", "echo one; exec sleep 600"]), output: .file(output), bond: .none)
        let identity = try #require(ProcessIdentity(processID: child.processID))
        let stored = try JSONDecoder().decode(ProcessIdentity.self, from: JSONEncoder().encode(identity))
        #expect(stored.isRunning)
        let hasWritten = await eventually { (try? String(contentsOf: output, encoding: .utf8)) == "one\n" }
        #expect(hasWritten)
        #expect(stored.signal(15))
        #expect(await child.waitForExit() == .signalled(15))
        #expect(!stored.isRunning)
    }
}

import Foundation
import ManagedProcess
import Testing

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
        #expect(stored.signal(15))
        #expect(await child.waitForExit() == .signalled(15))
        #expect(!stored.isRunning)
        #expect(try String(contentsOf: output, encoding: .utf8) == "one\n")
    }
}

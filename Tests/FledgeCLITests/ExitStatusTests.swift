import ArgumentParser
import FledgeCore
import ManagedProcess
import FledgeTestKit
import Testing

@testable import FledgeCLI

@Suite("How the command line ends")
struct ExitStatusTests {
    @Test("an error is one line with its place and code, and what to do below it")
    func errorText() {
        let error = FledgeError(
            "daemon.not_running", "the daemon is not running", place: "/s", hint: "fledge daemon start",
            exitCode: .unavailable)
        #expect(
            ErrorText.render(error)
                == "fledge: /s: the daemon is not running [daemon.not_running]\n  fledge daemon start")
    }

    @Test("an error keeps its exit status; another module's gets one")
    func failures() {
        #expect(Failure(FledgeError("a.b", "c", exitCode: .badData))?.error.exitCode == .badData)
        #expect(Failure(ProcessError(.pythonMissing, "no Python"))?.error.exitCode == .unavailable)
        #expect(Failure(CancellationError())?.error.exitCode == .tryAgain)
    }

    @Test("wrong usage is told apart from everything else: exit 64")
    func usage() {
        do {
            _ = try FledgeCommand.parseAsRoot(["no-such-command"])
            Issue.record("it was taken")
        } catch {
            #expect(FledgeCommand.exitCode(for: error).rawValue == 64)
        }
    }

    private static let options = [
        ["wait", "triage", "--timeout"], ["status", "--limit"], ["daemon", "start", "--timeout"],
        ["daemon", "stop", "--timeout"], ["demo", "--limit"], ["work", "list", "--limit"],
        ["label", "triage", "--count"],
    ]

    @Test(
        "a number that no option can take is wrong usage, and never ends the program by a trap",
        arguments: options, ["inf", "-inf", "nan", "-1", "1e30", "-9223372036854775809", "9223372036854775807"])
    func numbers(words: [String], number: String) {
        do {
            _ = try FledgeCommand.parseAsRoot(words.dropLast() + ["\(words.last ?? "")=\(number)"])
            Issue.record("it was taken")
        } catch {
            #expect(FledgeCommand.exitCode(for: error).rawValue == 64)
        }
    }

    @Test("a time that is too long to be waited for is the longest, and no number is none")
    func times() {
        for seconds in [Double.infinity, 1e30, .greatestFiniteMagnitude] {
            #expect(Duration(saturatingSeconds: seconds) == .longestNamed)
        }
        for seconds in [-Double.infinity, -1, .nan, 0] { #expect(Duration(saturatingSeconds: seconds) == .zero) }
        #expect(Duration(saturatingSeconds: 1.5) == .milliseconds(1500))
    }

    @Test("a gate's outcome is the exit status of waiting for it")
    func arrival() {
        #expect(Arrival(Fixtures.status(stage: .production, activity: .live))?.exitStatus == .success)
        let block = CycleState.Block(code: "x", message: "y")
        #expect(Arrival(Fixtures.status(block: block, gate: Fixtures.gate(.failed)))?.exitStatus == .failed)
        #expect(Arrival(Fixtures.status(block: block, gate: Fixtures.gate(.inconclusive)))?.exitStatus == .inconclusive)
        let waiting = Fixtures.status(stage: .validation, activity: .awaitingApproval)
        #expect(Arrival(waiting)?.exitStatus == .inconclusive)
        #expect(Arrival(Fixtures.status()) == nil)
    }
}

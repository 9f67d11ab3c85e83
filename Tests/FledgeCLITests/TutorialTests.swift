import FledgeEngine
import FledgeTestKit
import Foundation
import ManagedProcess
import Testing

/// docs/tutorial.md as a reader follows it: with a daemon, a database and a folder of its own, and the packaged model.
@Suite("The tutorial", .timeLimit(.minutes(15)))
struct TutorialTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL
    private static let page = root.appending(path: "docs/tutorial.md")

    @Test("every command of docs/tutorial.md does what the page says")
    func commands() async throws {
        let tutorial = try Tutorial(String(contentsOf: Self.page, encoding: .utf8))
        var left = 0
        var ran = 0
        try await TemporaryDirectory.with { folder in
            let reader = try TutorialReader(folder: folder, repository: Self.root)
            try await reader.follow {
                for step in tutorial.steps {
                    let place = "docs/tutorial.md:\(step.line)"
                    switch step.kind {
                    case .left(let reason):
                        left += 1
                        print("\(place) is not run: \(reason)")
                    case .file(let name, let text):
                        try reader.write(text, to: name)
                    case .script(let text):
                        ran += 1
                        let result = try await reader.run(text)
                        try #require(result.exit.isSuccess, "\(place): \(text)\(result.output)")
                    case .session(let commands):
                        for (command, expected) in commands {
                            ran += 1
                            let result = try await reader.run(command)
                            try #require(result.exit.isSuccess, "\(place): \(command): \(result.output)")
                            let difference = TutorialOutput.difference(expected: expected, printed: result.output)
                            #expect(
                                difference == nil,
                                "\(place): \(command): not printed: \(difference ?? ""); printed was:\n\(result.output)"
                            )
                        }
                    }
                }
            }
        }
        print("docs/tutorial.md: \(ran) commands were run, and \(left) blocks left out")
        #expect(ran >= 15 && left <= 2)
    }

    @Test(
        "what may vary in an output does not count, and everything else does",
        arguments: [
            ("a 0.930 b\n", "a 0.125 b\n", true), ("took 1 min 03 s\n", "took 41 s\n", true),
            ("since 2026-11-21T13:03:18Z\n", "since 2027-01-02T03:04:05Z\n", true), ("a   b\n", "a b\n", true),
            ("process 17 runs\n", "process 4242 runs\n", true), ("a … d\n", "a b c d\n", true),
            ("a\n…\nd\n", "a\nb\nc\nd\n", true), ("a\n…\n", "a\n", true),
            ("n = 80\n", "n = 81\n", false), ("a\n", "a\nb\n", false), ("a\nb\n", "a\n", false),
            ("a … d\n", "a b c\n", false), ("a\n…\nd\n", "a\nb\n", false), ("passed 0.9\n", "failed 0.9\n", false),
        ])
    func outputs(expected: String, printed: String, isSame: Bool) {
        #expect((TutorialOutput.difference(expected: expected, printed: printed) == nil) == isSame)
    }

    @Test(
        "a block that nobody would run is refused",
        arguments: [
            "```swift\nlet a = 1\n```\n", "Do this:\n\n    fledge apply a.swift\n", "```console\na\n```\n",
            "```sh\ntrue\n",
            "<!-- file: a.sh -->\n\n```swift\nlet a = 1\n```\n",
        ])
    func refuses(page: String) {
        #expect(throws: Tutorial.Fault.self) { try Tutorial(page) }
    }
}

/// Somebody who follows the tutorial in a folder that stands for the clone, one command after the other.
private struct TutorialReader {
    let folder: String
    private let environment: [String: String]

    // What a command leaves behind for the next: the folder that it is in, and what it has exported.
    private static let shell = """
        exec 2>&1
        set -eo pipefail
        cd "$(cat "$1/place")"
        . "$1/exported"
        eval "$2"
        pwd >"$1/place"
        export -p >"$1/exported"
        """
    // Waits for this process to end, in whatever way, and then stops the daemon.
    private static let guardian = #"read -r _; "$1" daemon stop"#

    init(folder: String, repository: URL) throws {
        self.folder = folder
        let programs = (try BuiltPrograms.path("fledge") as NSString).deletingLastPathComponent
        let own = ProcessInfo.processInfo.environment
        environment = [
            "PATH": programs + ":" + (own["PATH"] ?? "/usr/bin:/bin"), "NO_COLOR": "1",
            // The model and the environment that it runs in are of some hundred megabytes.
            "FLEDGE_CACHE_HOME": StatePaths.current(environment: own).cache,
        ]
        let files = FileManager.default
        try files.createDirectory(atPath: folder + "/clone", withIntermediateDirectories: false)
        try files.createSymbolicLink(
            at: URL(filePath: folder + "/clone/workflows"), withDestinationURL: repository.appending(path: "workflows"))
        try Data((folder + "/clone\n").utf8).write(to: URL(filePath: folder + "/place"))
        try Data().write(to: URL(filePath: folder + "/exported"))
    }

    /// Runs the body; no daemon is left of it, however it ends.
    nonisolated(nonsending) func follow(_ body: () async throws -> Void) async throws {
        var stop = try BuiltPrograms.command("fledge", [], in: folder, environment: environment)
        stop.arguments = ["-c", Self.guardian, "sh", stop.executable]
        stop.executable = "/bin/sh"
        let guardian = try await ManagedProcess.start(stop, bond: .leash)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        let result = try await BuiltPrograms.command(
            "fledge", ["daemon", "stop"], in: folder, environment: environment
        )
        .run(timeout: .seconds(120))
        #expect(result.exit.isSuccess, "\(result.errorOutput)")
        await guardian.terminate(grace: .seconds(5))
        try outcome.get()
    }

    /// Runs a command with a shell's options that end it at its first failure; both of its outputs come as one.
    func run(_ text: String) async throws -> Command.Result {
        var command = try BuiltPrograms.command("fledge", [], in: folder, environment: environment)
        command.executable = "bash"
        command.arguments = ["-c", Self.shell, "bash", folder, text]
        return try await command.run(timeout: .seconds(600))
    }

    /// Writes a file into the folder that the last command has ended in.
    func write(_ text: String, to name: String) throws {
        let place = try String(contentsOfFile: folder + "/place", encoding: .utf8)
        let folder = place.trimmingCharacters(in: .whitespacesAndNewlines)
        try Data(text.utf8).write(to: URL(filePath: folder).appending(path: name))
    }
}

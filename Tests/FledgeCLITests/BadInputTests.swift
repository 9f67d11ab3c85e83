import FledgeTestKit
import Foundation
import ManagedProcess
import Testing

/// Runs the real programs on bad input: what is said, with which status, and that nothing is left half-written.
@Suite struct BadInputTests {
    @Test(
        "bad input is refused with its place, what to do and the exit status that fits",
        arguments: BadInput.definitionsAndData + BadInput.callsAndSurroundings)
    func refuses(input: BadInput) async throws {
        try await TemporaryDirectory.with { folder in
            for (name, content) in input.files { try content.write(to: URL(filePath: folder).appending(path: name)) }
            let result = try await BuiltPrograms.command(
                input.program, input.arguments, in: folder, environment: input.environment
            ).run(timeout: .seconds(180))
            let said = result.output + result.errorOutput
            #expect(result.exit == .exited(input.status), "\(said)")
            for words in input.says { #expect(said.contains(words), "\"\(words)\" is not in: \(said)") }
            #expect(!said.contains("canary-password"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/state/postgres"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/state/run/fledged.pid"))
        }
    }
}

import FledgeTestKit
import Foundation
import ManagedProcess
import Testing

// Several files at once.
extension BadInputDaemonTests {
    private func write(_ definition: SmallDefinition, in installation: DaemonInstallation) throws -> String {
        let file = "\(definition.name).swift"
        try Data(definition.source.utf8).write(to: URL(filePath: installation.folder).appending(path: file))
        return file
    }

    @Test("of several files that are applied together none is stored where one is bad, over the socket and over TCP")
    func together() async throws {
        let installation = try #require(DaemonInstallation.current)
        let endpoint = ".openAICompatible(\"\(installation.modelServer)\", key: .env(\"FLEDGE_TEST_RIGHT_KEY\"))"
        let good = try write(SmallDefinition(name: "set-good", endpoint: endpoint), in: installation)
        let bad = try write(
            SmallDefinition(name: "set-bad", data: "none.jsonl", endpoint: endpoint), in: installation)
        let other = try write(
            SmallDefinition(
                name: "set-other", endpoint: endpoint, split: "Split(prototype: 20, holdout: 400, seed: 1)"),
            in: installation)
        let network = [
            "FLEDGE_SERVER": try await address(installation), "FLEDGE_TOKEN": "env:HELD",
            "HELD": DaemonInstallation.token,
        ]
        var said: [String] = []
        for environment in [[:], network] {
            let result = try await BuiltPrograms.command(
                "fledge", ["apply", good, bad, other], in: installation.folder, environment: environment
            ).run(timeout: .seconds(180))
            #expect(result.exit == .exited(65), "\(result.output)\(result.errorOutput)")
            for words in [
                "set-bad.swift:6: error:", "[data.missing]", "set-other.swift:9: error: the splits ask for 420 rows",
                "set-good: not applied", "set-bad: not applied", "set-other: not applied",
            ] { #expect(result.output.contains(words), "\(words) is not in: \(result.output)\(result.errorOutput)") }
            said.append(result.output)
            for name in ["set-good", "set-bad", "set-other"] {
                let state = try? await installation.state(of: name)
                #expect(state == nil)
            }
        }
        #expect(Set(said).count == 1)
        let alone = try await BuiltPrograms.command(
            "fledge", ["apply", good], in: installation.folder, environment: network
        ).run(timeout: .seconds(180))
        #expect(alone.exit == .exited(0) && alone.output.contains("a cycle started"), "\(alone.errorOutput)")
    }
}

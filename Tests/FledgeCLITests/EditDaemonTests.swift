import FledgeClient
import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import ManagedProcess
import Testing

/// What a person sees of edits, with a daemon that runs.
@Suite(.daemonInstallation) struct EditDaemonTests {
    private func expect(
        _ result: Command.Result, _ status: Int32, _ says: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let said = result.output + result.errorOutput
        #expect(result.exit == .exited(status), "\(said)", sourceLocation: sourceLocation)
        for words in says {
            #expect(said.contains(words), "\"\(words)\" is not in: \(said)", sourceLocation: sourceLocation)
        }
    }

    @Test("a live use case stays live through edits of owner and reports, and beside a trial that fails")
    func edits() async throws {
        let installation = try #require(DaemonInstallation.current)
        let endpoint = ".openAICompatible(\"\(installation.modelServer)\", key: .env(\"FLEDGE_TEST_RIGHT_KEY\"))"
        var definition = SmallDefinition(name: "edited", endpoint: endpoint)
        expect(try await installation.apply(definition), 0, "a cycle started")
        expect(try await installation.fledge("wait", "edited", "--timeout", "150"), 0)

        definition.owner = "Owner(\"others\")"
        definition.reports = "Reports { Weekly(on: .monday, at: \"09:00\", in: \"Europe/Berlin\", as: .html) }"
        try Data(definition.source.utf8).write(to: URL(filePath: installation.folder).appending(path: "edited.swift"))
        expect(
            try await installation.fledge("plan", "edited.swift"), 0, "revision 2", "owner: tests → others",
            "no new evidence")
        expect(try await installation.apply(definition), 0, "revision 2", "no new evidence")
        expect(try await installation.fledge("wait", "edited", "--timeout", "60"), 0)
        expect(try await installation.fledge("status", "edited"), 0, "release 1", "production", "live")
        #expect(try await report(installation).contains("in production: **1**"))
        expect(try await installation.fledge("history", "edited"), 0, "revision-adopted", "revision 1 → revision 2")

        // No server answers as fast as that.
        definition.require = "Accuracy(atLeast: 0.5, confidence: 0.9); Latency(.p95, atMost: .milliseconds(0.001))"
        try Data(definition.source.utf8).write(to: URL(filePath: installation.folder).appending(path: "edited.swift"))
        expect(try await installation.fledge("plan", "edited.swift"), 0, "new evidence", "starts a cycle", "calls")
        expect(try await installation.apply(definition), 0, "a cycle started")
        let tried = try await installation.fledge("wait", "edited", "--timeout", "150")
        #expect(tried.exit == .exited(3) || tried.exit == .exited(5), "\(tried.output)")
        #expect(tried.output.contains("release 1 (revision 1) goes on serving"))
        expect(
            try await installation.fledge("history", "edited"), 0, "superseded", "revision 3 has taken its place")
        expect(
            try await installation.fledge("explain", "edited"), 0, "release 1 serves", "Being tried:",
            "Release 1, from cycle 1")
        let text = try await report(installation)
        #expect(text.contains("in production: **1**") && text.contains("blocked: **1**"))
        expect(
            try await installation.fledge("release", "rollback", "edited", "1", "--reason", " "), 64,
            "the reason is empty",
            "[reason.empty]")
    }

    /// The report in Markdown.
    private func report(_ installation: DaemonInstallation) async throws -> String {
        let result = try await installation.fledge("report", "now", "edited", "--as", "markdown", "--output", "json")
        let files = try await installation.client.reports(name: "edited").last?.files
        let path = try #require(files?["markdown"], "\(result.output)\(result.errorOutput)")
        return try String(contentsOf: URL(filePath: path), encoding: .utf8)
    }
}

import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Take use cases all the way, on this machine, and show what happens.",
        discussion: """
            Starts a daemon with a database, a model server and a trainer of its own, applies the definitions, follows them \
            until each is live or blocked, and writes a report. Exits with 0 when all reached production.
            """)

    @Option(parsing: .upToNextOption, help: "Definition files; else workflows/*.swift.") var definitions: [String] = []
    @Option(help: "The folder that holds the demo's state.") var state = ".demo"
    @Option(help: "Give up after this many minutes.") var limit = 60.0
    @Flag(help: "Leave the daemon running.") var keep = false
    @Flag(help: "Trust the definitions that come with Fledge, unchanged, where this machine has no sandbox.")
    var trustOwn = false
    @OptionGroup var trust: TrustOptions

    func validate() throws { try Duration.check(limit, of: "--limit", in: "minutes", of: 60) }

    func run() async throws {
        let begin = ContinuousClock.now
        var environment = ProcessInfo.processInfo.environment
        environment[StatePaths.stateVariable] = state
        environment[StatePaths.socketVariable] = nil
        let paths = StatePaths.current(environment: environment)
        let requests = try await DefinitionFiles.compile(try files(), actor: "", trust: whom())
        let daemon = DaemonProcess(paths: paths, environment: environment)
        Console.write("state: \(paths.state)")
        Console.write(try await daemon.start(limit: .seconds(300), report: { Console.write($0) }).sentence)
        let isLive: Bool
        do {
            isLive = try await follow(requests, ControlClient(socket: paths.socket), begin: begin)
        } catch {
            if !keep { _ = try? await daemon.stop(limit: .seconds(90)) }
            throw error
        }
        if !keep { _ = try await daemon.stop(limit: .seconds(90)) }
        if !isLive { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    /// - Returns: whether every use case reached production.
    private func follow(
        _ requests: [ApplyRequest], _ client: ControlClient, begin: ContinuousClock.Instant
    ) async throws -> Bool {
        let actor = try await client.actor()
        let results = try await client.apply(
            Submission(
                requests.map { request in
                    var request = request
                    request.actor = actor
                    return request
                }))
        Console.write(DefinitionText.applied(results, of: requests))
        try DefinitionFiles.failOnErrors(results.flatMap(\.diagnostics))
        let statuses = try await StatusWatch(api: client).run(until: begin + Duration(saturatingSeconds: limit * 60))
        let report = try await client.reportNow(name: nil, formats: [.html, .markdown])

        var useCases: [DemoSummary.UseCase] = []
        for status in statuses {
            let explanation = try await client.explain(name: status.name)
            useCases.append(
                DemoSummary.UseCase(explanation: explanation, scores: try await client.experiments(name: status.name)))
            Console.write("\n$ fledge explain \(InertText.line(status.name))\n\(ExplanationText.render(explanation))")
        }
        Console.write("\n" + DemoSummary(useCases: useCases).render())
        let elapsed = (ContinuousClock.now - begin) / .seconds(1)
        Console.write("\nelapsed: \(ValueText.span(elapsed))")
        for (format, path) in report.files.sorted(by: { $0.key < $1.key }) {
            Console.write(InertText.line("report (\(format)): \(path)"))
        }
        return statuses.allSatisfy { Arrival($0) == .live }
    }

    /// Whatever folder this is, and whoever named a file: the contents say whether it came with Fledge.
    private func whom() -> DefinitionTrust {
        let said = trust.trust
        return said == .none && trustOwn ? .whereNoSandbox(OwnDefinitions.digests) : said
    }

    private func files() throws -> [String] {
        if !definitions.isEmpty { return definitions }
        let found = (try? FileManager.default.contentsOfDirectory(atPath: "workflows")) ?? []
        // A definition's name begins with a small letter; other Swift files of the target with a capital.
        let files = found.filter { $0.hasSuffix(".swift") && $0.first?.isLowercase == true }.sorted().map {
            "workflows/\($0)"
        }
        guard !files.isEmpty else {
            throw FledgeError(
                "demo.no_definitions", "there is no definition in workflows/",
                hint: "run it in Fledge's repository, or name files with --definitions")
        }
        return files
    }
}

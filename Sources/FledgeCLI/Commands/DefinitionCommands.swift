import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compile definitions and find every problem, without a daemon.")

    @Argument(help: "Definition files.") var files: [String]
    @OptionGroup var trust: TrustOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var diagnostics: [Diagnostic] = []
        var names: [String] = []
        for request in try await DefinitionFiles.compile(files, actor: "check", trust: trust.trust) {
            names.append(request.document.useCase.name)
            diagnostics += try DefinitionIntake(localModels: PackagedModels.names).check(request).diagnostics
        }
        try output.show(diagnostics, DefinitionText.diagnostics(diagnostics, of: names))
        try DefinitionFiles.failOnErrors(diagnostics)
    }
}

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what applying definitions would change.")

    @Argument(help: "Definition files.") var files: [String]
    @OptionGroup var trust: TrustOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        var plans: [PlanResult] = []
        let client = try options.client
        let requests = try await DefinitionFiles.compile(files, actor: "", trust: trust.trust)
        let actor = try await options.actor
        for var request in requests {
            request.actor = actor
            plans.append(try await client.plan(request))
        }
        try output.show(plans, plans.map(DefinitionText.plan).joined(separator: "\n"))
        try DefinitionFiles.failOnErrors(plans.flatMap(\.diagnostics))
    }
}

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Store definitions as revisions and set their use cases going.")

    @Argument(help: "Definition files.") var files: [String]
    @OptionGroup var trust: TrustOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        var results: [ApplyResult] = []
        var lines: [String] = []
        let client = try options.client
        let requests = try await DefinitionFiles.compile(files, actor: "", trust: trust.trust)
        // The daemon checks each by itself: what is wrong with the last must be known before the first is stored.
        if requests.count > 1, let refused = try DefinitionFiles.refusals(of: requests) {
            let texts = zip(refused, requests).map { DefinitionText.applied($0, name: $1.document.useCase.name) }
            try output.show(refused, texts.joined(separator: "\n"))
            return try DefinitionFiles.failOnErrors(refused.flatMap(\.diagnostics))
        }
        let actor = try await options.actor
        for var request in requests {
            request.actor = actor
            let result = try await client.apply(request)
            results.append(result)
            lines.append(DefinitionText.applied(result, name: request.document.useCase.name))
        }
        try output.show(results, lines.joined(separator: "\n"))
        try DefinitionFiles.failOnErrors(results.flatMap(\.diagnostics))
    }
}

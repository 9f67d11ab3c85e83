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
        let requests = try await DefinitionFiles.compile(files, actor: "check", trust: trust.trust)
        let intake = DefinitionIntake(localModels: PackagedModels.names)
        let diagnostics = try intake.check(requests).flatMap(\.diagnostics)
        try output.show(
            diagnostics, DefinitionText.diagnostics(diagnostics, of: requests.map(\.document.useCase.name)))
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
        let submission = try await DefinitionFiles.submission(of: files, trust: trust.trust, options: options)
        let plans = try await options.uploadingClient.plan(submission)
        try output.show(plans, plans.map(DefinitionText.plan).joined(separator: "\n"))
        try DefinitionFiles.failOnErrors(plans.flatMap(\.diagnostics))
    }
}

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Store definitions as revisions and set their use cases going.",
        discussion: """
            All of them are stored, or none: where one has a problem, every problem of all is told. Data files go to the \
            daemon with the definitions that name them.
            """)

    @Argument(help: "Definition files.") var files: [String]
    @OptionGroup var trust: TrustOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let submission = try await DefinitionFiles.submission(of: files, trust: trust.trust, options: options)
        let results = try await options.uploadingClient.apply(submission)
        try output.show(results, DefinitionText.applied(results, of: submission.definitions))
        try DefinitionFiles.failOnErrors(results.flatMap(\.diagnostics))
    }
}

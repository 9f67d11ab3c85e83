import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Show the models of all definitions, or fetch weights.",
        discussion: """
            EXAMPLES
              fledge models                                    whether they are reachable
              fledge models fetch Qwen/Qwen2.5-0.5B-Instruct   download weights
            """,
        subcommands: [ListModelsCommand.self, FetchModelsCommand.self], defaultSubcommand: ListModelsCommand.self)
}

struct ListModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the models of all definitions, and whether they are reachable.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let models = try await options.client.models()
        try output.show(models, WorkText.models(models, now: Date()))
    }
}

struct FetchModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Download a model's weights from the Hugging Face hub into a folder.",
        discussion: """
            Configuration, tokenizer, template and safetensors are fetched, each verified
            by its size, large ones by their SHA-256 too; never code, and never weights in
            pickles. The same command goes on where one ended. At the end it prints what to
            write into a definition. The daemon never fetches.

            HF_ENDPOINT names another hub. The token is sent to the hub alone.

            EXAMPLES
              fledge models fetch Qwen/Qwen2.5-0.5B-Instruct --to /models/qwen-small
              fledge models fetch meta-llama/Llama-3.1-8B-Instruct --token env:HF_TOKEN
            """)

    @Argument(help: "The repository, as OWNER/NAME.") var repository: String
    @Option(help: "A branch, a tag or a commit.") var revision = "main"
    @Option(help: "The folder to make; else one of the repository's name in the current one.") var to: String?
    @Option(
        help: ArgumentHelp(
            "Where a token of the hub is, for what is gated or private: env:NAME or file:PATH.",
            valueName: "reference"))
    var token: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let repository = try HubRepository(name: repository, revision: revision, environment: environment)
        if ["1", "ON", "YES", "TRUE"].contains(environment["HF_HUB_OFFLINE"]?.uppercased() ?? "") {
            throw FledgeError(
                "hub.offline", "HF_HUB_OFFLINE forbids to ask the hub",
                hint: "env -u HF_HUB_OFFLINE fledge models fetch \(repository.name)")
        }
        let secret: String? = if let token { try Self.secret(token, environment: environment) } else { nil }
        let folder = URL(filePath: to ?? repository.shortName).standardizedFileURL
        let fetched = try await ModelFetch(
            client: HubClient(repository: repository, token: secret), folder: URL(filePath: folder.path)
        ).run()
        let what = "\(fetched.files) files, \(ValueText.bytes(fetched.size))"
        Console.error(
            fetched.wasThere
                ? "\(repository.name) is there already: \(what)" : "fetched \(repository.name): \(what)")
        for problem in fetched.weights.problems {
            Console.error(InertText.line("warning: \(problem.message): \(problem.hint)"))
        }
        Console.write(fetched.words)
    }

    /// - Throws: `token.bad_reference`, `token.missing` (exit 78). Neither repeats the text, which may be a token.
    static func secret(_ text: String, environment: [String: String]) throws(FledgeError) -> String {
        guard let reference = SecretReference(text) else {
            throw FledgeError(
                "token.bad_reference", "the token is not given as a reference",
                hint: "write env:HF_TOKEN for a variable that holds it, or file:PATH for a file")
        }
        guard let secret = try reference.read(environment: environment) else {
            throw FledgeError(
                "token.missing", "the token \(reference) is not there or empty",
                hint: "make one in the settings of your account at the hub")
        }
        return secret
    }
}

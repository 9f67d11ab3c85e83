import ArgumentParser
import FledgeClient
import FledgeEngine

struct SpendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spend", abstract: "Show what was spent, and what is left under the caps.",
        discussion: """
            Reserved is set aside for calls under way; presumed counts as paid because a crash or a lost connection left \
            open whether it was.

            EXAMPLES
              fledge spend                        every use case
              fledge spend triage --output json   one of them, for a program
            """)

    @Argument(help: "One use case; else all.") var name: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let spends = try await options.client.spends(name: name)
        try output.show(spends, SpendText.table(spends))
    }
}

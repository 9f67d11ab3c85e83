import ArgumentParser
import FledgeClient
import FledgeEngine

struct HoldoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holdout", abstract: "Show every look at the holdout, and what is left of its error budget.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let ledger = try await options.client.holdout(name: useCase.name)
        try output.show(ledger, GateText.ledger(ledger))
    }
}

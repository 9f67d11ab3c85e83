import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

struct WorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work", abstract: "Show the work queue, and try dead work again.",
        discussion: """
            Dead work has used up its attempts, by failing or by taking its daemon with it, and waits for a person.

            EXAMPLES
              fledge work                        all open work, dead work first
              fledge work --state dead           what waits for a person
              fledge work list triage            the open work of one use case
              fledge work --output json | jq '.[].errorCode'
              fledge work retry 4711             give it all of its attempts again
            """,
        subcommands: [ListWorkCommand.self, RetryWorkCommand.self], defaultSubcommand: ListWorkCommand.self)
}

enum OpenWorkState: String, ExpressibleByArgument, CaseIterable {
    case dead, leased, queued

    var state: WorkState { WorkState(rawValue: rawValue) ?? .dead }
}

struct ListWorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Show open work, dead work first.")

    @Argument(help: "One use case; else all.") var name: String?
    @Option(help: "Only work in this state; may be given more than once.") var state: [OpenWorkState] = []
    @Option(help: "The most pieces of each state.") var limit = 100
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if !(1...10_000).contains(limit) { throw ValidationError("--limit is 1 to 10000.") }
    }

    func run() async throws {
        let work = try await options.client.work(in: state.map(\.state), name: name, limit: limit)
        try output.show(work, QueueText.table(work, now: Date()))
    }
}

struct RetryWorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Give dead work all of its attempts again.",
        discussion: """
            Work that blocks a use case is retried as `fledge retry NAME` does it.

            EXAMPLE
              fledge work retry 4711
            """)

    @Argument(help: "The work's number, from `fledge work --state dead`.") var id: Int64
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let view = try await options.client.retryWork(WorkItemID(id), actor: try await options.actor)
        try output.show(view, QueueText.retried(view))
    }
}

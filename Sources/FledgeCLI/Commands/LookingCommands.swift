import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show where use cases stand.",
        discussion: """
            EXAMPLES:
              fledge status
              fledge status support-triage --watch
              fledge status --limit 20 --after support-triage
            """)

    @Argument(help: "One use case; else all, in the order of their names.") var name: String?
    @Option(help: "Show at most so many use cases.") var limit = 100
    @Option(help: "Begin behind the use case of this name.") var after: String?
    @Flag(help: "Show all use cases, however many there are.") var all = false
    @Flag(
        name: .shortAndLong,
        help: "Follow it live, until interrupted or nothing moves any more; a daemon that restarts is waited for.")
    var watch = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try options.client
        if watch, output.output == .table {
            try await StatusWatch(api: client, name: name, outlastsPeople: true).run(until: nil)
        } else if name != nil || all {
            let statuses = try await client.statuses(name: name)
            try output.show(statuses, StatusText.table(statuses))
        } else {
            let found = try await client.statuses(after: after, limit: limit + 1)
            let statuses = Array(found.prefix(limit))
            let more =
                found.count > limit
                ? statuses.last.map { "\nThere are more: fledge status --after \(InertText.line($0.name)), or --all" }
                    ?? "" : ""
            try output.show(statuses, StatusText.table(statuses) + more)
        }
    }

    func validate() throws {
        if !(1...10_000).contains(limit) { throw ValidationError("--limit is 1 to 10000; --all shows all use cases.") }
    }
}

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show every transition of a use case.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let entries = try await options.client.history(name: useCase.name)
        try output.show(entries, HistoryText.table(entries))
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say why a use case stands where it stands.",
        discussion: "With --replay it exits with 65 when something recorded is not what the samples give.")

    @OptionGroup var useCase: NameArgument
    @Option(help: "Show the whole record of the decision of this number.") var decision: Int?
    @Flag(help: "Compute every gate and decision again from the samples, and compare.") var replay = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try options.client
        if replay {
            let replay = try await client.replay(name: useCase.name)
            try output.show(replay, DecisionText.render(replay))
            if !replay.isEqual { throw ExitCode(ExitStatus.badData.rawValue) }
        } else if let number = decision {
            let decision = try await client.decision(name: useCase.name, number: number)
            try output.show(decision, DecisionText.details(decision))
        } else {
            let explanation = try await client.explain(name: useCase.name)
            try output.show(explanation, ExplanationText.render(explanation))
        }
    }
}

struct ExperimentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiments", abstract: "Show every candidate that was scored.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try options.client
        let scores = try await client.experiments(name: useCase.name)
        // Before there is a cycle nothing was judged.
        let unread = try? await client.judges(name: useCase.name).compactMap(\.unread)
        try output.show(
            scores, ([WorkText.experiments(scores)] + (unread ?? []).map { InertText.line($0) }).joined(separator: "\n")
        )
    }
}

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "logs", abstract: "Show a training job's log.")

    @Argument(help: "The job's number, from `fledge jobs`.") var job: Int64
    @Flag(name: .shortAndLong, help: "Go on until the job ends; a daemon that restarts is waited for.")
    var follow = false
    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await LogFollower(api: options.client, job: TrainingJobID(job)).run(follow: follow)
    }
}

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until a use case is live, blocked, or waits for a person.",
        discussion: """
            Exits with 0 when what was applied last serves production, 3 when that is blocked, rolled back or retired, and 5
            when its gate was inconclusive or an approval is waited for. An earlier release may go on serving: that is said.

            One that is paused is not waited for: it exits with 5 and says who paused it. A daemon that does not answer any
            more is asked again for 10 minutes (then 69 or 75), and --timeout counts on.

            EXAMPLES:
              fledge wait support-triage && deploy
              fledge wait support-triage --timeout 3600
            """)

    @OptionGroup var useCase: NameArgument
    @Option(help: "Give up after this many seconds (exit 75).") var timeout: Double?
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if let timeout { try Duration.check(timeout, of: "--timeout", in: "seconds") }
    }

    func run() async throws {
        let deadline = timeout.map { ContinuousClock.now + Duration(saturatingSeconds: $0) }
        let client = try options.client
        let statuses = try await StatusWatch(api: client, name: useCase.name).run(until: deadline)
        if let status = statuses.first, Pause(status) != nil {
            let history = (try? await client.history(name: useCase.name)) ?? []
            if let pause = Pause(status, history: history) { Console.error(pause.sentence) }
            throw ExitCode(ExitStatus.inconclusive.rawValue)
        }
        guard let status = statuses.first, Arrival(status) != nil else {
            throw FledgeError(
                "wait.timeout", "\(useCase.name) is still under way", hint: "fledge status \(useCase.name)",
                exitCode: .tryAgain)
        }
        if let aside = Arrival(status)?.aside(status) { Console.write(InertText.line("\(status.name): \(aside)")) }
        if let code = Arrival(status)?.exitStatus, code != .success { throw ExitCode(code.rawValue) }
    }
}

import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine

/// Sends a command to a use case's current cycle and shows where it stands then.
enum Steering {
    static func send(
        _ command: CycleCommand, to useCase: NameArgument, _ options: ClientOptions, _ output: OutputOptions
    ) async throws {
        let status = try await options.client.send(command, to: useCase.name, actor: try await options.actor)
        try output.show(status, StatusText.line(status, width: 0))
    }
}

struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve the release that waits for it.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Steering.send(.approve, to: useCase, options, output) }
}

struct RejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Refuse the release that waits for an approval.")

    @OptionGroup var useCase: NameArgument
    @Option(help: "Why; it is recorded.") var reason: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Steering.send(.reject(reason: reason), to: useCase, options, output) }
}

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stop work on a use case for now.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Steering.send(.pause, to: useCase, options, output) }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a paused use case.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Steering.send(.resume, to: useCase, options, output) }
}

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try again what a blocked use case failed at.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Steering.send(.retry, to: useCase, options, output) }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End the work under way, a training job included.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Steering.send(.cancel, to: useCase, options, output) }
}

struct RetireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire", abstract: "Take a use case out of service.")

    @OptionGroup var useCase: NameArgument
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Steering.send(.retire, to: useCase, options, output) }
}

import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

struct DaemonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon", abstract: "Start, stop or look at the daemon.",
        subcommands: [Start.self, Stop.self, Status.self])

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start the daemon in the background and wait until it is ready.")

        @Option(help: "Give up waiting after this many seconds.") var timeout = 180.0

        func validate() throws { try Duration.check(timeout, of: "--timeout", in: "seconds") }

        func run() async throws {
            let daemon = DaemonProcess(paths: StatePaths.current(), environment: ProcessInfo.processInfo.environment)
            let limit = Duration(saturatingSeconds: timeout)
            Console.write(try await daemon.start(limit: limit, report: { Console.error($0) }).sentence)
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the daemon; work under way goes on when it starts again.",
            discussion:
                "A training on this machine goes on meanwhile: its job is named, and the next daemon takes it over.")

        @Option(help: "Give up waiting after this many seconds.") var timeout = 90.0

        func validate() throws { try Duration.check(timeout, of: "--timeout", in: "seconds") }

        func run() async throws {
            let paths = StatePaths.current()
            let trainings = LocalTrainings(paths: paths)
            let followed = await trainings.followed()
            let daemon = DaemonProcess(paths: paths, environment: ProcessInfo.processInfo.environment)
            let hasStopped = try await daemon.stop(limit: Duration(saturatingSeconds: timeout))
            Console.write(hasStopped ? "the daemon stopped" : "the daemon was not running")
            for job in trainings.alive(followed) { Console.write(LocalTrainings.sentence(job)) }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show whether the daemon runs, and on what.")

        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let status = try await options.client.daemonStatus()
            try output.show(status, DaemonText.status(status))
        }
    }
}

enum DaemonText {
    static func status(_ status: DaemonStatus) -> String {
        TerminalText.lines(
            [
                "running   fledged \(status.version), process \(status.processID), since \(ValueText.date(status.startedAt))",
                "state     \(status.stateDirectory)",
                "database  \(status.database)",
                "work      \(status.dueWork) due, \(status.leasedWork) under way",
            ] + (status.auditDelay.map { ["webhook   \(delay($0))"] } ?? []))
    }

    /// What the evidence's webhook was not told yet.
    static func delay(_ delay: AuditDelay) -> String {
        "heads of \(delay.useCases) use cases not sent, since \(ValueText.date(delay.since))"
            + (delay.problem.map { ": \($0.message)" } ?? "")
    }
}

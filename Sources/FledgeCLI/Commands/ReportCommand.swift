import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a report, or list those that were written.",
        subcommands: [Now.self, List.self])

    struct Now: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write a report now.")

        @Argument(help: "One use case; else all.") var name: String?
        @Option(name: .customLong("as"), help: "html, markdown or json; may be repeated.") var formats: [ReportFormat] =
            []
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let report = try await options.client.reportNow(
                name: name, formats: formats.isEmpty ? [.html, .markdown] : formats)
            try output.show(report, TerminalText.lines(report.files.values.sorted()))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List reports.")

        @Argument(help: "One use case; else all.") var name: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let reports = try await options.client.reports(name: name)
            try output.show(reports, WorkText.reports(reports))
        }
    }
}

extension ReportFormat: ExpressibleByArgument {}

import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Look at the labelled data of a use case.",
        subcommands: [DataReportCommand.self])
}

struct DataReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show splits, labels, lengths, conflicts, repeated rows, leaks and personal data.",
        discussion: """
            A definition file is looked at as it would be applied, without a daemon; the name of a use case, as it was.
            Values that may be personal are never shown whole.

            EXAMPLES
              fledge data report workflows/triage.swift
              fledge data report triage --output json
            """)

    @Argument(help: "Definition files, or names of use cases.") var subjects: [String]
    @Flag(name: .shortAndLong, help: "Every finding, not the first of many.") var all = false
    @OptionGroup var trust: TrustOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func validate() throws {
        for subject in subjects where ["jsonl", "ndjson", "csv", "tsv"].contains(URL(filePath: subject).pathExtension) {
            throw ValidationError(
                "\(subject) alone does not say what its fields mean: name the definition that uses it")
        }
    }

    func run() async throws {
        var reports: [DataReport] = []
        for subject in subjects {
            if Self.isFile(subject) {
                for request in try await DefinitionFiles.compile([subject], actor: "report", trust: trust.trust) {
                    reports.append(try DefinitionIntake().report(request))
                }
            } else {
                reports.append(try await options.client.dataReport(name: subject))
            }
        }
        let limit = all ? Int.max : 10
        try output.show(
            reports, reports.map { DataReportText(limit: limit).render($0) }.joined(separator: "\n\n"))
    }

    /// No use case has a dot or a slash in its name.
    private static func isFile(_ subject: String) -> Bool { subject.contains(".") || subject.contains("/") }
}

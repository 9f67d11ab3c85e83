import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

struct LabelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label", abstract: "Label answers, so that a judging model can be trusted as far as it deserves.",
        discussion: """
            Shows answers of the prompt prototype stage one by one, without what the judge says of them. Every label is
            stored at once: stop and go on as you like.

            EXAMPLES
              fledge label triage                        label up to 50 answers here
              fledge label triage --export sheet.csv     write a sheet to be filled in: pass, fail or skip
              fledge label triage --from sheet.csv       take the filled-in sheet
              fledge label triage --status               show how far the judge agrees with people
            """)

    @OptionGroup var useCase: NameArgument
    @Option(help: "The judged criterion's name, where the use case has several.") var metric: String?
    @Option(help: "How many answers at most.") var count = 50
    @Option(help: ArgumentHelp("Take labels from a CSV or JSONL file with the fields id and label.", valueName: "file"))
    var from: String?
    @Option(help: ArgumentHelp("Write a CSV or JSONL sheet to be filled in.", valueName: "file")) var export: String?
    @Flag(help: "Show the judge's agreement with the labels so far.") var status = false
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Whose labels they are; else yours. That you entered them is kept beside.", valueName: "person"))
    var person: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if [from != nil, export != nil, status].count(where: { $0 }) > 1 {
            throw ValidationError("--from, --export and --status exclude each other.")
        }
        if !(1...10_000).contains(count) { throw ValidationError("--count is 1 to 10000.") }
    }

    private var who: String { get async throws { if let person { person } else { try await options.actor } } }

    func run() async throws {
        let client = try options.client
        if status {
            let judges = try await client.judges(name: useCase.name)
                .filter { metric == nil || $0.calibration.judge.name == metric }
            try output.show(judges, LabelText.status(judges, useCase: useCase.name))
        } else if let from {
            let entries = try LabelFile(path: from).entries()
            let actor = try await who
            let status = try await client.label(
                name: useCase.name, LabelRequest(metric: metric, entries: entries, actor: actor))
            try output.show([status], LabelText.taken(entries.count, status))
        } else {
            let actor = try await who
            let sheet = try await client.labelSheet(
                name: useCase.name, metric: metric, count: count, actor: actor)
            if let export {
                try LabelFile(path: export).write(sheet)
                Console.write(
                    TerminalText.lines([
                        "\(sheet.entries.count) answers in \(export): write pass, fail or skip into label, then",
                        "fledge label \(useCase.name) --metric \(sheet.judge.name) --from \(export)",
                    ]))
            } else {
                let session = LabelSession(sheet: sheet, read: { readLine() }, write: Console.writeRaw) { entry in
                    try await client.label(
                        name: useCase.name, LabelRequest(metric: sheet.judge.name, entries: [entry], actor: actor))
                }
                let status = try await session.run()
                if let status { Console.write(LabelText.status([status], useCase: useCase.name)) }
            }
        }
    }
}

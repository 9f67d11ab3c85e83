import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verify that the evidence is what was recorded.",
        subcommands: [VerifyAuditCommand.self])
}

struct VerifyAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compare every row that a decision rests on with what was chained of it.",
        discussion: """
            Names every row that was changed, added or taken away, and every end of a chain or a history that was cut off.

            Exits with 0 when everything holds, 65 when something was changed, and 5 when nothing is known to be changed and \
            not everything is known: rows from before there was a chain, rows that were erased, a chain whose head does not \
            stand outside the database.

            With --anchors, every head that was kept elsewhere is compared as well: what the daemon's webhook sent to its \
            receiver, or a copy of audit/heads.jsonl. So an end that was cut off is noticed where somebody could write that \
            file too.

            EXAMPLES
              fledge audit verify                        every use case
              fledge audit verify triage                 one of them
              fledge audit verify --anchors heads.jsonl  against what a webhook has kept; - reads standard input
              fledge audit verify --output json | jq '.[] | select(.findings != [])'
            """)

    @Argument(help: "One use case; else all, and those that are gone.") var name: String?
    @Option(help: ArgumentHelp("Heads that were kept elsewhere, as JSON lines.", valueName: "file"))
    var anchors: String?
    @Option(
        help: ArgumentHelp("The database whose heads they are.", discussion: "Else the daemon's.", valueName: "place"))
    var database: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if database != nil, anchors == nil { throw ValidationError("--database says whose --anchors count.") }
    }

    func run() async throws {
        let client = try options.client
        let copies = try await copies(client)
        let names =
            if let name { [name] } else { Set(try await client.auditedNames()).union(copies?.names ?? []).sorted() }
        var reports: [AuditReport] = []
        for name in names {
            let report = try await report(of: name, client, copies)
            reports.append(report)
            // Use cases are verified one at a time, since a large one takes seconds.
            if output.output == .table { Console.write(AuditText.render(report)) }
        }
        if output.output == .json {
            try output.show(reports, "")
        } else if reports.isEmpty {
            Console.write("there is no use case yet")
        }
        var status = AuditText.exitStatus(of: reports)
        if let copies, !copies.unreadable.isEmpty {
            let lines = copies.unreadable.prefix(10).map(String.init).joined(separator: ", ")
            Console.error(
                "\(copies.unreadable.count) lines are no heads of evidence (\(lines)): what stood there, nobody can say"
            )
            if status == .success { status = .inconclusive }
        }
        if status != .success { throw ExitCode(status.rawValue) }
    }

    private func report(of name: String, _ client: ControlClient, _ copies: HeadCopies?) async throws -> AuditReport {
        guard let copies else { return try await client.audit(name: name) }
        do {
            var report = try await client.audit(name: name)
            // A use case that is gone, and known from the daemon's own file alone, has no hashes to compare.
            if !report.findings.contains(where: { $0.code == .auditUseCaseMissing }) {
                await copies.compare(&report, with: try await client.auditHashes(name: name))
            }
            return report
        } catch let error as FledgeError where error.code == .useCaseUnknown {
            guard let report = copies.missing(name) else { throw error }
            return report
        }
    }

    /// - Throws: `audit.no_heads` and its like, and what is wrong with the file.
    private func copies(_ client: ControlClient) async throws -> HeadCopies? {
        guard let anchors else { return nil }
        let data: Data
        do {
            data =
                anchors == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data() : try Data(contentsOf: URL(filePath: anchors))
        } catch {
            throw FledgeError(
                "audit.no_heads", "the heads that were kept elsewhere can't be read", place: anchors,
                hint: "check the path and its permissions", exitCode: .usage)
        }
        let place = if let database { database } else { try await client.daemonStatus().database }
        return try HeadCopies(data, from: anchors, of: place)
    }
}

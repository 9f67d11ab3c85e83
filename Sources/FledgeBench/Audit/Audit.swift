import ArgumentParser
import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation

/// Edits evidence behind the triggers' back, and counts the edits that verification does not notice.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Edits, deletes and cuts evidence as a superuser with triggers off; none may go unnoticed.",
        discussion: """
            Each edit is made to a small real history of several use cases, gates and releases, verified as \
            `fledge audit verify` does it, and undone. Exits with 3 when one goes unnoticed, and prints it.

            With --samples nothing is edited: it is measured how long one verification takes of so many samples, each \
            of an example of its own.

            EXAMPLES:
              swift run -c release FledgeBench audit --edits 10000
              swift run FledgeBench audit --edits 300 --seed 7
              swift run -c release FledgeBench audit --samples 100000
            """)

    @Option(help: "The seed of the edits.") var seed: UInt64 = 1
    @Option(help: "How many edits.") var edits = 10_000
    @Option(help: "How many use cases the history has.") var useCases = 3
    @Option(help: "Measure one verification of so many samples instead.") var samples: Int?
    @Flag(help: "One JSON object a figure, a line each.") var json = false

    func validate() throws {
        if edits < 1 || useCases < 1 { throw ValidationError("--edits and --use-cases are at least 1") }
        if let samples, samples < 1 { throw ValidationError("--samples is at least 1") }
    }

    func run() async throws {
        let figures = if let samples { try await AuditSpeed.figures(samples: samples) } else { try await trial() }
        if json { for figure in figures { print(figure.json) } }
        if !json { print(Figure.table(figures, settings: Machine.description)) }
        if figures.contains(where: { !$0.holds }) { throw ExitCode(3) }
    }

    private func trial() async throws -> [Figure] {
        let start = ContinuousClock.now
        let (holds, outcome) = try await TemporaryDirectory.with { directory in
            try await PostgresFixture.shared.withDatabase { pool in
                let trial = try await AuditTrial(
                    pool: pool, directory: directory, useCases: useCases, logger: PostgresFixture.shared.logger)
                let holds = try await trial.holds()
                let all = edits
                let outcome = try await trial.run(edits: edits, seed: seed) { made in
                    if made.isMultiple(of: 500) {
                        FileHandle.standardError.write(Data("\(made) of \(all) edits\n".utf8))
                    }
                }
                return (holds, outcome)
            }
        }
        for what in outcome.unnoticed { FileHandle.standardError.write(Data("unnoticed: \(what)\n".utf8)) }
        let settings =
            "\(useCases) use cases, seed \(seed), \(outcome.refused) edits refused by a constraint or without effect, "
            + "\(start.duration(to: .now) / .seconds(1)) s"
        var figures = [
            Figure(
                bench: "audit", figure: "untouched history holds", value: holds ? 1 : 0, unit: "", goal: .atLeast(1),
                settings: settings)
        ]
        for count in outcome.counts {
            figures.append(
                Figure(
                    bench: "audit", figure: "\(count.kind): made", value: Double(count.made), unit: "edits",
                    settings: settings))
            figures.append(
                Figure(
                    bench: "audit", figure: "\(count.kind): unnoticed", value: Double(count.unnoticed), unit: "edits",
                    goal: .atMost(0), settings: settings))
        }
        return figures
    }
}

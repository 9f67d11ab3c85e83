import ArgumentParser
import FledgeCore
import FledgeEngine
import FledgePostgres
import Foundation
import Logging
import PostgresClient

extension DatabaseCommand {
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take away what is not kept any longer.",
            discussion: """
                EXAMPLE:
                  fledge db prune --dry-run --older-than 30d

                Samples of ended cycles that came to no gate, logs of training jobs at their end, cached responses, \
                finished work, daemons that are gone, and accounts of caps whose period is long past; of the state \
                folder, folders of training jobs and adapters that no release, gate or open cycle names, and reports. What a \
                release, a gate, a decision or a look at the holdout rests on is kept for ever. The daemon does the same by itself, after the ages that FLEDGE_RETENTION says.
                """)

        @Flag(help: "Only say how much it would be.")
        var dryRun = false

        @Option(
            help: ArgumentHelp(
                "The same age for everything: 30d, 12h, 90m.",
                discussion: "Else FLEDGE_RETENTION, or what the daemon uses unless said.", valueName: "age"))
        var olderThan: String?

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let policy = try policy(environment: ProcessInfo.processInfo.environment)
            let dryRun = dryRun
            let outcome = try await Database.withPool { pool in
                let logger = Logger(label: "fledge") { _ in SwiftLogNoOpLogHandler() }
                let stores = PostgresStores(pool: pool, logger: logger)
                let store = stores.housekeeping
                let files = FileHousekeeping(
                    paths: StatePaths.current(), store: stores.keptFiles, problem: { Console.error($0) })
                var figures: [PruneFigure] = []
                for subject in RetentionPolicy.Subject.allCases {
                    guard let age = policy.age(of: subject) else { continue }
                    if subject.isFiles {
                        figures.append(
                            dryRun
                                ? try await files.prunable(subject, olderThan: age)
                                : try await files.prune(subject, olderThan: age) { Self.report($0) })
                        continue
                    }
                    figures.append(
                        dryRun
                            ? try await store.prunable(subject, olderThan: age)
                            : try await store.prune(subject, olderThan: age) { Self.report($0) })
                }
                return Outcome(dryRun: dryRun, tables: figures)
            }
            try output.show(outcome, outcome.text)
        }

        private func policy(environment: [String: String]) throws -> RetentionPolicy {
            if let olderThan {
                guard let age = RetentionPolicy.age(olderThan) else {
                    throw ValidationError("--older-than is a number with s, m, h, d or w: 30d.")
                }
                return RetentionPolicy(all: age)
            }
            guard let policy = RetentionPolicy(environment["FLEDGE_RETENTION"] ?? "") else {
                throw FledgeError(
                    "configuration.bad_value", "FLEDGE_RETENTION can't be read",
                    hint:
                        "write \(RetentionPolicy.example), with forever for what is to stay")
            }
            return policy
        }

        /// Where it stands, on one line of the terminal.
        private static func report(_ figure: PruneFigure) -> Bool {
            if Console.isTerminal, figure.rows > 0 {
                Console.writeRaw("\r\(figure.table): \(figure.rows) rows\u{1B}[K\r")
            }
            return true
        }

        private struct Outcome: Encodable {
            let dryRun: Bool
            let tables: [PruneFigure]

            var text: String {
                TextTable(
                    ["Table", dryRun ? "#Rows or files that would go" : "#Rows or files gone", "#Bytes"],
                    rows: tables.map { [$0.table, String($0.rows), ValueText.bytes($0.bytes)] }
                ).render()
            }
        }
    }
}

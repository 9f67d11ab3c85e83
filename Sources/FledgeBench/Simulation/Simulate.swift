import ArgumentParser
import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation

/// Runs simulated fleets, one story a seed, and keeps the first story that breaks a promise.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Simulates daemons, people and faults on a model of the store, one story a seed.",
        discussion: """
            A seed whose story breaks a promise is printed, and its story is kept in a file. The same seed gives the same \
            story again.

            EXAMPLES:
              swift run -c release FledgeBench simulate --seeds 300000
              swift run -c release FledgeBench simulate --seed 4711
            """)

    @Option(help: "How many stories.") var seeds: UInt64 = 100_000
    @Option(help: "The seed of the first of them.") var from: UInt64 = 0
    @Option(help: "Tell the story of this one seed, step by step.") var seed: UInt64?
    @Option(help: "Turns with faults in each story.") var steps: Int?
    @Option(
        help:
            "Put a mistake in, to see that it is found: \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var bug: PlantedBug?
    @Option(help: "The folder that a broken story is kept in.") var keep = "."
    @Flag(help: "One JSON object a figure, a line each.") var json = false

    func validate() throws {
        if seeds == 0 { throw ValidationError("--seeds must be at least 1") }
        if from.addingReportingOverflow(seeds).overflow {
            throw ValidationError("--from and --seeds go past the last seed")
        }
    }

    func run() async throws {
        var settings = SimulationSettings()
        if let steps { settings.steps = steps }
        let simulation = Simulation(settings: settings, bug: bug)
        if let seed { return try tell(simulation, seed) }
        let run = await SimulationRun.of(simulation, seeds: from..<from + seeds)
        if let broken = run.broken {
            let file = "\(keep)/simulation-\(broken.seed).txt"
            try story(simulation, broken.seed).write(toFile: file, atomically: true, encoding: .utf8)
            let violation = broken.violation.map { "\($0)" } ?? ""
            FileHandle.standardError.write(
                Data("seed \(broken.seed) breaks a promise: \(violation)\nits story is kept in \(file)\n".utf8))
        }
        let figures = run.figures(settings: settings) + (bug == nil ? planted(settings) : [])
        if json { for figure in figures { print(figure.json) } }
        if !json { print(Figure.table(figures, settings: Machine.description)) }
        if figures.contains(where: { !$0.holds }) { throw ExitCode(3) }
    }

    private func tell(_ simulation: Simulation, _ seed: UInt64) throws {
        print(story(simulation, seed))
        if simulation.run(seed: seed).violation != nil { throw ExitCode(3) }
    }

    private func story(_ simulation: Simulation, _ seed: UInt64) -> String {
        let (outcome, steps, _) = simulation.trace(seed: seed)
        let end = outcome.violation.map { "broken: \($0)" } ?? "every promise was kept"
        let again = "FledgeBench simulate --seed \(seed)" + (bug.map { " --bug \($0.rawValue)" } ?? "")
        return ([again] + steps.map(\.description) + [end, ""]).joined(separator: "\n")
    }

    /// How many stories it takes to find each planted mistake: a simulation that finds nothing must be one that could.
    private func planted(_ settings: SimulationSettings) -> [Figure] {
        PlantedBug.allCases.map { bug in
            let limit: UInt64 = 20_000
            let found = Simulation(settings: settings, bug: bug).firstViolation(in: 0..<limit)
            return Figure(
                bench: "planted-bugs", figure: bug.rawValue, value: Double(found.map { $0.seed + 1 } ?? limit + 1),
                unit: "seeds", goal: .atMost(Double(limit)), settings: "seeds from 0 until the mistake is found")
        }
    }
}

extension PlantedBug: ExpressibleByArgument {}

import ArgumentParser
import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation

/// Runs simulated fleets, one story a seed, and keeps the first story that breaks a promise.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the engine's services on a model of the store, among simulated faults, one story a seed.",
        discussion: """
            A seed whose story breaks a promise is printed, and its story is kept in a file. The same seed gives the same \
            story again. Failures that other engines have had are told as stories too, with the fault and without it.

            EXAMPLES:
              swift run -c release FledgeBench simulate --seeds 6000
              swift run -c release FledgeBench simulate --seed 4711
            """)

    @Option(help: "How many stories.") var seeds: UInt64 = 6_000
    @Option(help: "The seed of the first of them.") var from: UInt64 = 0
    @Option(help: "Tell the story of this one seed, step by step.") var seed: UInt64?
    @Option(help: "Calls of the store with faults in each story.") var steps: Int?
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
        let figures = run.figures(settings: settings) + (bug == nil ? planted(settings) + published() : [])
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
        PlantedBug.allCases.filter(\.showsUnscripted).map { bug in
            let limit: UInt64 = 2_000
            let found = Simulation(settings: settings, bug: bug).firstViolation(in: 0..<limit)
            return Figure(
                bench: "planted-bugs", figure: bug.rawValue, value: Double(found.map { $0.seed + 1 } ?? limit + 1),
                unit: "seeds", goal: .atMost(Double(limit)), settings: "seeds from 0 until the mistake is found")
        }
    }
}

extension PlantedBug: ExpressibleByArgument {}

extension Simulate {
    /// How many stories of each published failure end well, and that they would not if Fledge had the fault.
    private func published() -> [Figure] {
        let count: UInt64 = 50
        return PublishedFailure.all.flatMap { failure in
            let kept = (0..<count).filter { failure.story().run(seed: $0).violation == nil }.count
            let found = failure.story(isPlanted: true).firstViolation(in: 0..<count)
            func figure(_ name: String, _ value: Double, _ unit: String, _ goal: Bound) -> Figure {
                Figure(
                    bench: "published-failures", figure: name, value: value, unit: unit, goal: goal,
                    settings: "\(count) stories each")
            }
            return [
                figure("\(failure)", Double(kept), "stories kept", .atLeast(Double(count))),
                figure(
                    "with \(failure.bug.rawValue)", Double(found.map { $0.seed + 1 } ?? count + 1), "seeds",
                    .atMost(Double(count))),
            ]
        }
    }
}

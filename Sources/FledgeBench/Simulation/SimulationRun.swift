import FledgeDocument
import FledgeTestKit
import Foundation

/// What many stories came to.
struct SimulationRun: Sendable {
    var seeds: UInt64 = 0
    var steps = 0
    var transitions = 0
    var hours = 0.0
    var violations = 0
    /// The one with the lowest seed.
    var broken: Simulation.Outcome?
    var seconds = 0.0

    private static let chunk: UInt64 = 50

    /// Runs the seeds on every core, and says on the standard error how far it has come.
    static func of(_ simulation: Simulation, seeds: Range<UInt64>) async -> SimulationRun {
        let start = ContinuousClock.now
        return await withTaskGroup(of: SimulationRun.self) { group in
            var next = seeds.lowerBound
            func addChunk() {
                guard next < seeds.upperBound else { return }
                let chunk = next..<min(next + Self.chunk, seeds.upperBound)
                next = chunk.upperBound
                group.addTask { run(simulation, chunk) }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { addChunk() }
            var sum = SimulationRun()
            var said = start
            while let part = await group.next() {
                sum.add(part)
                addChunk()
                if said.duration(to: .now) > .seconds(2) {
                    said = .now
                    sum.say(of: UInt64(seeds.count), since: start)
                }
            }
            sum.seconds = start.duration(to: .now) / .seconds(1)
            return sum
        }
    }

    private static func run(_ simulation: Simulation, _ seeds: Range<UInt64>) -> SimulationRun {
        var sum = SimulationRun()
        for seed in seeds {
            let outcome = simulation.run(seed: seed)
            sum.seeds += 1
            sum.steps += outcome.steps
            sum.transitions += outcome.transitions
            sum.hours += outcome.duration / .seconds(3600)
            if outcome.violation != nil {
                sum.violations += 1
                sum.broken = sum.broken ?? outcome
            }
        }
        return sum
    }

    private mutating func add(_ other: SimulationRun) {
        seeds += other.seeds
        steps += other.steps
        transitions += other.transitions
        hours += other.hours
        violations += other.violations
        if let found = other.broken, found.seed < (broken?.seed ?? .max) { broken = found }
    }

    private func say(of total: UInt64, since start: ContinuousClock.Instant) {
        let elapsed = start.duration(to: .now) / .seconds(1)
        let rate = Double(seeds) / max(elapsed, 0.001)
        let left = Double(total - seeds) / max(rate, 1)
        let line = "\(seeds) of \(total) seeds, \(Int(rate)) a second, \(violations) broken, \(Int(left)) s to go\n"
        FileHandle.standardError.write(Data(line.utf8))
    }

    func figures(settings: SimulationSettings) -> [Figure] {
        let said =
            "\(settings.daemons) daemons, \(settings.useCases) use cases, \(settings.steps) calls with faults a seed"
        func figure(_ name: String, _ value: Double, _ unit: String, _ goal: Bound? = nil) -> Figure {
            Figure(bench: "simulation", figure: name, value: value, unit: unit, goal: goal, settings: said)
        }
        return [
            figure("seeds", Double(seeds), "seeds"),
            figure("broken promises", Double(violations), "seeds", .atMost(0)),
            figure("steps", Double(steps), "steps"),
            figure("transitions", Double(transitions), "transitions"),
            figure("virtual time", hours, "hours"),
            figure("rate", Double(seeds) / max(seconds, 0.001), "seeds/s"),
        ]
    }
}

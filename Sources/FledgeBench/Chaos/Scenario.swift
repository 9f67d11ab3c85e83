import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation

/// One kind of fault, and how a run with it goes.
struct Scenario: Sendable {
    /// What a person has asked for.
    struct Plan: Sendable {
        var seed: UInt64
        var kills: Int?
        var isQuick: Bool
        var daemons: Int
        /// A `fledged` of the version before; nil where all are of this one.
        var before: String?
    }

    let name: String
    /// One line for `--help`.
    let about: String
    var kinds: [SmallUseCase.Kind] = SmallUseCase.Kind.allCases
    var settings: @Sendable (Plan) throws -> Arena.Settings = { _ in Arena.Settings() }
    /// Does its worst to a running arena; returns when it has mended everything that does not mend itself.
    /// - Returns: figures of its own.
    let faults: @Sendable (ScenarioRun) async throws -> [Figure]
}

/// A scenario under way.
struct ScenarioRun: Sendable {
    let scenario: Scenario
    let plan: Scenario.Plan
    let arena: Arena
    let feed: Feed
    let throughput: TransitionMeter

    var name: String { "chaos-\(scenario.name)" }
    var settings: String {
        "\(plan.daemons) daemons, seed \(plan.seed)\(plan.isQuick ? ", quick" : "")"
            + (plan.before == nil ? "" : ", every other start of the version before")
    }

    func figure(_ what: String, _ value: Double, _ unit: String, goal: Bound? = nil) -> Figure {
        Figure(bench: name, figure: what, value: value, unit: unit, goal: goal, settings: settings)
    }

    func figure(_ what: String, _ value: Int, _ unit: String, goal: Bound? = nil) -> Figure {
        figure(what, Double(value), unit, goal: goal)
    }

    func say(_ text: String) {
        Progress.say(
            "\(scenario.name): \(text); \(feed.arrived) use cases arrived, \(throughput.transitions) transitions")
    }

    /// One of the daemons, by the plan's own numbers.
    func daemon(_ random: inout SplitMix64) -> DaemonSlot {
        arena.daemons[Int(random.next(below: UInt64(arena.daemons.count)))]
    }
}

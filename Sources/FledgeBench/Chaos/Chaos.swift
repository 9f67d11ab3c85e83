import ArgumentParser
import FledgeCore

/// Real daemons on one database under faults, and the proof that nothing was lost, doubled or overshot.
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Real daemons under kills, stalls, cuts and full disks; proves what is left.",
        discussion: """
            Needs fledged-rehearsal beside this program: its training is a stub's, and it crashes at named places.
            Ends with status 3 when a promise is broken, keeps what is left, and prints the seed that it came from.

            SCENARIOS:
            \(scenarios.map { "  \($0.name.padded(to: 14))\($0.about)" }.joined(separator: "\n"))

            EXAMPLES:
              FledgeBench chaos --quick
              FledgeBench chaos --only kill --kills 10000 --seed 7
              FledgeBench chaos --only kill --before ../v1/.build/debug/fledged-rehearsal
            """)

    static let scenarios: [Scenario] = [
        .calm, .kill, .crashPoints, .stop, .clocks, .database, .idle, .proxy, .disk, .bouncer,
    ]

    @OptionGroup var options: BenchmarkOptions
    @Option(help: "Decides what is done to whom, and when.") var seed: UInt64 = 1
    @Option(help: "SIGKILLs of the scenarios that kill.") var kills: Int?
    @Option(help: "Daemons on the one database.") var daemons = 4
    @Option(help: "The daemon of the version before: a restart is rolled out and back, every other start takes it.")
    var before: String?

    func validate() throws {
        guard (1...16).contains(daemons) else { throw ValidationError("--daemons is a number from 1 to 16") }
        guard (kills ?? 1) > 0 else { throw ValidationError("--kills is a number above zero") }
    }

    func run() async throws {
        let (seed, kills, daemons, before) = (seed, kills, daemons, before)
        try await options.run(
            Self.scenarios.map { scenario in
                Benchmark(name: scenario.name) { isQuick in
                    let plan = Scenario.Plan(
                        seed: seed, kills: kills, isQuick: isQuick, daemons: daemons, before: before)
                    return try await ScenarioRunner(scenario: scenario, plan: plan).run()
                }
            })
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

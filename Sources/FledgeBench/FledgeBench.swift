import ArgumentParser

/// Measures Fledge: every figure with its unit, its goal, and whether the goal holds here.
@main
struct FledgeBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "FledgeBench", abstract: "Measures what Fledge promises of its speed.",
        discussion: """
            EXAMPLES:
              swift run -c release FledgeBench evidence
              swift run -c release FledgeBench evidence --only cost-of-deciding --json
            """,
        subcommands: [Evidence.self])
}

struct Evidence: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Statistics, gates and decisions.")

    @Flag(help: "One JSON object a figure, a line each.") var json = false
    @Flag(help: "Smaller sizes, for CI.") var quick = false
    @Option(help: "Run the benchmark of this name alone.") var only: String?

    func run() throws {
        let benchmarks: [(name: String, run: (Bool) -> [Figure])] = [("cost-of-deciding", CostOfDeciding.run)]
        let chosen = benchmarks.filter { only == nil || $0.name == only }
        guard !chosen.isEmpty else {
            throw ValidationError(
                "there is no benchmark \(only ?? ""); there are \(benchmarks.map(\.name).joined(separator: ", "))")
        }
        let figures = chosen.flatMap { $0.run(quick) }
        if json {
            for figure in figures { print(figure.json) }
        } else {
            print(Figure.table(figures, settings: Machine.description))
        }
        if figures.contains(where: { !$0.holds }) { throw ExitCode(3) }
    }
}

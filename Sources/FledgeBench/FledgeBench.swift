import ArgumentParser

/// Measures Fledge: every figure with its unit, its goal, and whether the goal holds here.
@main
struct FledgeBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "FledgeBench", abstract: "Measures what Fledge promises of its evidence and its speed.",
        discussion: """
            EXAMPLES:
              swift run -c release FledgeBench evidence
              swift run -c release FledgeBench evidence --only cost-of-deciding --json
              swift run -c release FledgeBench engine --markdown
              swift run FledgeBench chaos --quick
              swift run -c release FledgeBench simulate --seeds 6000
              swift run -c release FledgeBench audit --edits 10000
              swift run -c release FledgeBench json --quick
            """,
        subcommands: [
            Evidence.self, Engine.self, Chaos.self, Simulate.self, Audit.self, ReadFile.self, FaultServerCommand.self,
            PartsCommand.self, JSONCommand.self,
        ])
}

/// How a command's benchmarks are chosen and printed.
struct BenchmarkOptions: ParsableArguments {
    @Flag(help: "One JSON object a figure, a line each.") var json = false
    @Flag(help: "The figures as a Markdown table.") var markdown = false
    @Flag(help: "Smaller sizes, and without peers, for CI.") var quick = false
    @Option(help: "Run the benchmark of this name alone.") var only: String?

    /// Runs the chosen benchmarks and prints their figures. - Throws: `ExitCode(3)` when a goal is not reached.
    ///
    /// - Parameter settings: what every one of them was measured on.
    func run(
        _ benchmarks: [Benchmark], settings: @Sendable () async throws -> String = { Machine.description }
    ) async throws {
        let chosen = benchmarks.filter { only == nil ? !(quick && $0.needsPeer) : $0.name == only }
        guard !chosen.isEmpty else {
            throw ValidationError(
                "there is no benchmark \(only ?? ""); there are \(benchmarks.map(\.name).joined(separator: ", "))")
        }
        var figures: [Figure] = []
        for benchmark in chosen {
            let new = try await benchmark.run(quick)
            if json { for figure in new { print(figure.json) } }
            figures += new
        }
        if !json { print(Figure.table(figures, settings: try await settings(), markdown: markdown)) }
        if figures.contains(where: { !$0.holds }) { throw ExitCode(3) }
    }
}

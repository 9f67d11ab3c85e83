import ArgumentParser

struct Engine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Transitions, model calls, latency, memory and training, beside peers.",
        discussion: """
            Every benchmark takes turns with its peers on one PostgreSQL server of its own that loses nothing in a power \
            cut. Peers are installed once, into PEER_HOME; --quick leaves them out.

            EXAMPLES:
              swift run -c release FledgeBench engine --markdown
              swift run -c release FledgeBench engine --only transitions
              swift run -c release FledgeBench engine --quick
            """)

    static let benchmarks = [
        DurableTransitions.benchmark,
        AtScale.benchmark,
        OldSnapshot.benchmark,
        ModelCalls.benchmark,
        PrefixOrder.benchmark,
        LoRASpeed.benchmark,
    ]

    @OptionGroup var options: BenchmarkOptions

    func run() async throws {
        try await options.run(Self.benchmarks, settings: { try await DurableServer.description })
    }
}

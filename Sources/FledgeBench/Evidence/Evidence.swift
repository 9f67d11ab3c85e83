import ArgumentParser

struct Evidence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Statistics, search, gates and decisions.")

    static let benchmarks = [
        FalsePromotion.benchmark,
        CostOfDeciding.benchmark,
        LeakScanSpeed.benchmark,
        ReadingSpeed.benchmark,
        PeerSearch.benchmark,
        SearchCost.benchmark,
    ]

    @OptionGroup var options: BenchmarkOptions

    func run() async throws { try await options.run(Self.benchmarks) }
}

import ArgumentParser

struct JSONCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "json", abstract: "Writers and readers of JSON that are written by hand, against Foundation's.",
        discussion: """
            A ratio is the time of the one written by hand, of Foundation's: 0.1 is ten times as fast.

            EXAMPLES:
              swift run -c release FledgeBench json --markdown
              swift run -c release FledgeBench json --quick --only chat-reply
            """)

    static let benchmarks = [
        JSONSpeed.transition, JSONSpeed.sample, JSONSpeed.chatRequest, JSONSpeed.chatReply, JSONSpeed.datasetLine,
    ].map(\.benchmark)

    @OptionGroup var options: BenchmarkOptions

    func run() async throws { try await options.run(Self.benchmarks) }
}

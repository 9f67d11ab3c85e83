import FledgeCore
import FledgeDocument
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization
import Testing

@testable import FledgeEngine

@Suite("What computes, and is cancelled", .timeLimit(.minutes(15)))
struct CancelledComputationTests {
    @Test("a long computation is a part of its task, and ends with it")
    func ends() async {
        let (begun, beginning) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await LongComputation.run {
                beginning.yield()
                var point = CancellationPoint()
                // Without an end of its own.
                while true { try point.pass() }
            }
        }
        for await _ in begun { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("work sees on its threads that it was cancelled")
    func isSeen() async {
        let (begun, beginning) = AsyncStream<Void>.makeStream()
        let task = Task {
            await withTaskExecutorPreference(WorkExecutor.shared) { await Self.spin(beginning) }
        }
        for await _ in begun { break }
        task.cancel()
        #expect(await task.value)
    }

    @concurrent
    private static func spin(_ beginning: AsyncStream<Void>.Continuation) async -> Bool {
        beginning.yield()
        while !Task.isCancelled {}
        return true
    }

    static let files: [(String, String)] = [
        ("d.jsonl", (1...3_000).map { #"{"text": "number \#($0)", "answer": "even"}"# }.joined(separator: "\n")),
        ("d.csv", "text,answer\n" + (1...3_000).map { "number \($0),even" }.joined(separator: "\n")),
    ]

    @Test("reading and checking data ends with the task that does it", arguments: files)
    func data(name: String, text: String) async throws {
        try await TemporaryDirectory.with { directory in
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
            var definition = EngineFixture.definition()
            definition.dataset = DatasetDefinition(
                path: name, inputs: ["text"], expected: "answer",
                split: SplitDefinition(prototype: 40, holdout: 60, seed: 7))
            let request = ApplyRequest(
                document: DefinitionDocument(useCase: definition, sourceFile: "parity.swift"), sourceText: "…",
                directory: directory, actor: "ada")
            let dataset = try #require(definition.dataset)
            let reads: [@Sendable () throws -> Void] = [
                { _ = try DatasetReader().read(dataset, relativeTo: directory) },
                { _ = try DefinitionIntake().check(request) }, { _ = try DefinitionIntake().report(request) },
            ]
            for read in reads {
                try read()
                let result = await Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return Result { try read() }
                }.value
                #expect(throws: CancellationError.self) { try result.get() }
            }
        }
    }

    // MARK: Scores

    /// Answers what takes a pattern of repeats within repeats too long.
    private struct Server: ModelServer {
        var onCall: @Sendable () -> Void = {}
        var concurrency: Int { 1 }
        func revision(of model: String) async throws -> String { model }

        func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
            try await attempts.begin()
            onCall()
            return Completion(
                text: String(repeating: "a", count: 64) + "!", finishReason: "stop", promptTokens: 1, cachedTokens: 0,
                completionTokens: 1, latencyMicroseconds: 1)
        }
    }

    private static let metric = MetricDefinition.regularExpression("^(a+)+$")

    private static func run(
        _ fixture: EngineFixture, _ server: Server,
        _ body: (ExperimentID, @escaping @Sendable () async throws -> Void) async throws -> Void
    ) async throws {
        let applied = try await fixture.apply()
        let cycle = try #require(try await fixture.store.currentCycle(of: applied.useCase))
        let candidate = Candidate(
            name: "plain", system: nil, user: "{{text}}", demonstrations: [], model: "small",
            decoding: DecodingDefinition(maxTokens: 4), choices: nil)
        let examples = try await fixture.store.examples(of: cycle.snapshot, in: .prototype).prefix(3)
        let experiment = try await fixture.store.openExperiment(
            cycle: cycle.id, purpose: .search, round: 1, candidates: [candidate], origins: [:], plannedCalls: 3)
        let calls = examples.map {
            PlannedCall(candidate: candidate, candidateID: candidate.id, example: $0, repeat: 0)
        }
        try await body(experiment.id) {
            try await CompletionRunner(
                experiments: fixture.store, server: server, model: ModelDefinition(name: "small", endpoint: .local),
                metrics: [metric, .validOutput], primary: metric,
                scorer: Scorer(metrics: [metric], patternLimit: Pattern.Limit(steps: 10))
            ).run(Array(calls), experiment: experiment.id)
        }
    }

    @Test("an answer that a pattern takes too long over has no score by it, and all its others")
    func givenUp() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await Self.run(fixture, Server()) { experiment, run in
                try await run()
                let samples = try await fixture.store.samples(of: experiment)
                #expect(samples.count == 3)
                for sample in samples {
                    #expect(sample.isUnread(by: Self.metric.name) && sample.isGivenUp && !sample.isUnanswered)
                    #expect(sample.score(of: "primary") == nil && sample.score(of: Self.metric.name) == nil)
                    #expect(sample.scores[MetricDefinition.validOutput.name] == 1)
                }
            }
        }
    }

    @Test("an answer that was paid for when the work was cancelled is kept as what it is worth")
    func kept() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let whole = Mutex<Task<Void, any Error>?>(nil)
            let server = Server { whole.withLock { $0?.cancel() } }
            try await Self.run(fixture, server) { experiment, run in
                let (begin, beginning) = AsyncStream.makeStream(of: Void.self)
                let task = Task {
                    for await _ in begin {}
                    try await run()
                }
                whole.withLock { $0 = task }
                beginning.finish()
                await #expect(throws: CancellationError.self) { try await task.value }
                // Three answers were paid for, or fewer: what was paid for is a sample.
                let samples = try await fixture.store.samples(of: experiment)
                #expect(!samples.isEmpty && samples.allSatisfy { !$0.fromCache })
                let paid = try await fixture.pool.query("SELECT sum(paid_calls)::int AS n FROM experiment_candidate")[0]
                    .get("n", as: Int.self)
                #expect(paid == samples.count)
            }
        }
    }
}

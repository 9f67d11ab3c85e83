import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeServing
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization

/// Model calls as an experiment makes them, every sample durable before it counts, against a server that answers at once.
enum ModelCalls {
    static let benchmark = Benchmark(name: "model-calls", run: run)

    private static let bareLoop = "bare libcurl loop"

    private struct CallTask: Encodable {
        var base_url: String
        var model = "stub"
        var count: Int
        var connections: Int
    }

    @Sendable private static func run(quick: Bool) async throws -> [Figure] {
        try await StubServer.with { stub in
            let examples = quick ? 200 : 4000
            let bareCalls = quick ? 2000 : 20_000
            var contestants = [
                Contest.Contestant { try await fledge(stub, candidates: 5, examples: examples) },
                Contest.Contestant(peer: bareLoop) { try await bare(stub, count: bareCalls) },
            ]
            if !quick {
                contestants += [
                    Contest.Contestant(peer: "inspect-ai") {
                        try await peer(
                            "inspect-ai", "calls.py", CallTask(base_url: stub.base, count: 500, connections: 100))
                    },
                    Contest.Contestant(peer: "dspy.Evaluate") {
                        try await peer(
                            "dspy", "evaluate.py", CallTask(base_url: stub.dspyBase, count: 1500, connections: 16))
                    },
                ]
            }
            let medians = try await Contest(contestants: contestants, rounds: quick ? 1 : 3).medians()
            let latency = try await latency(of: stub, calls: quick ? 2000 : 20_000)
            return figures(
                Array(zip(contestants.map(\.peer), medians)), latency: latency, stub: try await stub.wrkRate(),
                quick: quick,
                settings:
                    "stub: nginx, one worker; fledge: 5 candidates × \(examples) examples through the experiment's "
                    + "own runner, every sample and answer in PostgreSQL; inspect-ai: no display, no realtime log, 100 "
                    + "connections; dspy.Evaluate: 16 threads, no cache; CPU is the client's unless it says more; latency: "
                    + "samples written meanwhile, from asking to having the answer; added: less the median of a bare libcurl call"
            )
        }
    }

    private static func figures(
        _ results: [(peer: String?, median: Throughput)], latency: Latency, stub: Double?, quick: Bool,
        settings: String
    ) -> [Figure] {
        var figures: [Figure] = []
        func add(_ figure: String, _ value: Double, _ unit: String = "", goal: Bound? = nil, peer: String? = nil) {
            figures.append(
                Figure(
                    bench: "model-calls", figure: figure, value: value, unit: unit, goal: quick ? nil : goal,
                    peer: peer,
                    settings: settings))
        }
        for (peer, median) in results {
            add("calls", median.perSecond, "/s", peer: peer)
            add("calls per CPU second", median.perClientCPUSecond, "/CPU s", peer: peer)
        }
        let own = results[0].median
        add("calls per CPU second, the database's included", own.perCPUSecond, "/CPU s")
        // The bare loop does nothing with an answer: it stands for the cost of a call, not for a client.
        let fastest = results.filter { $0.peer != bareLoop }.map(\.median.perSecond).max() ?? 0
        if let stub {
            add("requests as wrk counts them", stub, "/s", peer: "stub")
            add("stub ÷ fastest client", stub / fastest, goal: .atLeast(3))
        }
        for (peer, goal) in [(bareLoop, 0.25), ("inspect-ai", 50), ("dspy.Evaluate", 10)] {
            guard let other = results.first(where: { $0.peer == peer })?.median else { continue }
            add(
                "calls per CPU second ÷ \(peer)", own.perClientCPUSecond / other.perClientCPUSecond,
                goal: .atLeast(goal))
        }
        add("latency, p50", latency.bare * 1e3, "ms", peer: bareLoop)
        add("latency at 2,000 calls/s, p50", latency.seconds.quantile(0.5) * 1e3, "ms")
        add("latency at 2,000 calls/s, p99", latency.seconds.quantile(0.99) * 1e3, "ms")
        add("added latency at 2,000 calls/s, p99", latency.added(0.99) * 1e3, "ms", goal: .atMost(1))
        return figures
    }

    // MARK: Fledge

    private static func server(_ stub: StubServer) -> OpenAIModelServer {
        OpenAIModelServer(base: stub.base, key: nil, dialect: .vLLM, http: CurlClient())
    }

    private static func fledge(_ stub: StubServer, candidates: Int, examples: Int) async throws -> Throughput {
        try await DurableServer.fixture.withDatabase { pool in
            let field = try await ExperimentField.make(pool: pool, candidates: candidates, examples: examples)
            let made = Mutex<ExperimentID?>(nil)
            let throughput = try await Throughput.measured {
                let experiment = try await field.score(with: server(stub))
                made.withLock { $0 = experiment }
                return field.calls
            }
            guard let experiment = made.withLock({ $0 }), try await field.right(in: experiment) == field.calls else {
                throw FledgeError("bench.lost", "not every call's sample is in the database")
            }
            return throughput
        }
    }

    /// How long calls took that were begun 2,000 times a second, and one that nothing is added to, in seconds.
    private struct Latency: Sendable {
        var seconds: [Double]
        var bare: Double

        func added(_ share: Double) -> Double { seconds.quantile(share) - bare }
    }

    private static func latency(of stub: StubServer, calls: Int) async throws -> Latency {
        let bare = try await bareSeconds(stub, count: 2000).median
        return try await DurableServer.fixture.withDatabase { pool in
            let field = try await ExperimentField.make(pool: pool, candidates: 5, examples: calls / 5)
            let paced = PacedServer(inner: server(stub), interval: .microseconds(500))
            _ = try await field.score(with: paced)
            return Latency(seconds: paced.seconds, bare: bare)
        }
    }

    // MARK: Peers

    private static func bare(_ stub: StubServer, count: Int) async throws -> Throughput {
        try await Throughput.measured { try await bareSeconds(stub, count: count).count }
    }

    private static func bareSeconds(_ stub: StubServer, count: Int) async throws -> [Double] {
        let body =
            #"{"max_tokens":8,"messages":[{"content":"Name the team. Wording 1.","role":"system"},"#
            + #"{"content":"Message 17: where is my invoice?","role":"user"}],"model":"stub","temperature":0}"#
        return try await BareCurl.calls(count, to: stub.base + "/chat/completions", body: body)
    }

    private static func peer(_ name: String, _ script: String, _ task: CallTask) async throws -> Throughput {
        let answer = try await PeerScript(peer: name, script: script).run(
            task, as: PeerThroughput.self, timeout: .seconds(1200))
        guard answer.finished == task.count else {
            throw FledgeError("bench.peer_failed", "\(name) finished \(answer.finished) of \(task.count)")
        }
        return Throughput(count: task.count, seconds: answer.seconds, clientCPU: answer.cpu_seconds, serverCPU: 0)
    }
}

/// Lets a call begin at its own moment, and keeps how long each took from there.
private final class PacedServer: ModelServer {
    private struct State {
        var next: ContinuousClock.Instant?
        var seconds: [Double] = []
    }

    private let inner: any ModelServer
    private let interval: Duration
    private let state = Mutex(State())

    init(inner: any ModelServer, interval: Duration) {
        self.inner = inner
        self.interval = interval
    }

    var seconds: [Double] { state.withLock { $0.seconds } }

    func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
        let moment = state.withLock { state in
            let moment = state.next ?? .now
            state.next = moment + interval
            return moment
        }
        try await Task.sleep(until: moment, clock: .continuous)
        let start = ContinuousClock.now
        let completion = try await inner.complete(request, attempts: attempts)
        let seconds = start.duration(to: .now) / .seconds(1)
        state.withLock { $0.seconds.append(seconds) }
        return completion
    }

    func revision(of model: String) async throws -> String { try await inner.revision(of: model) }

    var concurrency: Int { 64 }
}

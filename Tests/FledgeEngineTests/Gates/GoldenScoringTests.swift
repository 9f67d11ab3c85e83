import FledgeCore
import FledgeDocument
import Synchronization
import Testing

@testable import FledgeEngine

@Suite("Scoring the trainer's golden answers", .timeLimit(.minutes(15)))
struct GoldenScoringTests {
    private static let adapter = Digest(of: "adapter")

    /// Answers as the trainer does, and scores as the script says.
    private final class ScoringServer: ModelServer {
        let asked = Mutex<[ScoringRequest]>([])
        private let script: @Sendable (ScoringRequest) throws -> AnswerScore

        init(_ script: @escaping @Sendable (ScoringRequest) throws -> AnswerScore) { self.script = script }

        var concurrency: Int { 1 }
        func revision(of model: String) async throws -> String { model }

        func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
            try await attempts.begin()
            return Completion(
                text: request.adapter == nil ? "base" : "tuned", finishReason: "stop", promptTokens: 1, cachedTokens: 0,
                completionTokens: 1, latencyMicroseconds: 1)
        }

        func score(_ request: ScoringRequest) async throws -> AnswerScore {
            asked.withLock { $0.append(request) }
            return try script(request)
        }
    }

    /// A server that can't score: what every other kind is.
    private struct PlainServer: ModelServer {
        let server = ScoringServer { _ in .unknown("never asked") }
        var concurrency: Int { 1 }
        func revision(of model: String) async throws -> String { model }
        func complete(_ request: CompletionRequest, attempts: CallAttempts) async throws -> Completion {
            try await server.complete(request, attempts: attempts)
        }
    }

    private static let tuned = [-0.1, -0.4, -0.02]
    private static let base = [-2.5, -3.5, -1.5]
    private static let own = [-0.5, -1, -0.3]

    private static func scores(_ count: Int = 6, promptLength: Int = 4) -> GoldenScores {
        GoldenScores(
            tuned: (0..<count).map {
                GoldenScores.Tuned(
                    prompt: [$0] + Array(repeating: 1, count: promptLength - 1), answer: [7, 8, 9], tuned: tuned,
                    base: base)
            },
            base: (0..<count).map { _ in GoldenScores.Base(answer: [5, 6, 9], base: own) })
    }

    private func check(_ scores: GoldenScores?, at server: any ModelServer) async throws -> GoldenCheck {
        let prompts = (0..<6).map {
            GoldenPrompt(messages: [ChatMessage(role: .user, content: "\($0)")], choices: ["base", "tuned"])
        }
        return try await GoldenComparison.run(
            prompts, trained: Array(repeating: "tuned", count: 6), trainedBase: Array(repeating: "base", count: 6),
            scores: scores,
            candidate: Candidate(
                name: "c", system: nil, user: "", demonstrations: [], model: "m", decoding: DecodingDefinition(),
                choices: ["base", "tuned"], adapter: Self.adapter),
            server: server)
    }

    /// What a server serves in the adapter's place.
    enum Served: String, CaseIterable {
        case right, half, stale, base, other

        var figures: [Double] {
            switch self {
            case .right: [-0.104, -0.41, -0.021]
            case .half: [-0.4, -0.9, -0.3]
            case .stale: [-0.9, -1.4, -0.6]
            case .base: [-2.48, -3.52, -1.51]
            case .other: [-9, -8, -7]
            }
        }

        var code: String? {
            switch self {
            case .right: nil
            case .half, .stale, .other: "adapter.golden_mismatch"
            case .base: "adapter.no_effect"
            }
        }
    }

    @Test(
        "an adapter that answers as it should is refused where its log-probabilities are others",
        arguments: Served.allCases)
    func served(_ served: Served) async throws {
        let server = ScoringServer { .tokens($0.adapter == nil ? [-0.52, -0.97, -0.31] : served.figures) }
        let check = try await check(Self.scores(), at: server)
        #expect(check.agreeing == 6 && check.likelihood?.unknown == nil)
        let problem = check.problem(of: TrainingJobID(1))
        #expect(problem?.code.rawValue == served.code, "\(String(describing: check.likelihood))")
        // The adapter's answers first, then the base's, each behind its prompt's tokens.
        let asked = server.asked.withLock { $0 }
        #expect(asked.map(\.adapter) == Array(repeating: Self.adapter, count: 6) + Array(repeating: nil, count: 6))
        #expect(asked.map(\.prompt.first) == Array(0..<6) + Array(0..<6))
        #expect(asked.allSatisfy { $0.model == "m" && $0.answer == ($0.adapter == nil ? [5, 6, 9] : [7, 8, 9]) })
    }

    @Test("a server that scores nothing leaves it unknown, which is said and is no pass of it")
    func cannot() async throws {
        let check = try await check(Self.scores(), at: PlainServer())
        #expect(check.likelihood?.figures == nil)
        #expect(check.likelihood?.unknown == "servers of this kind score no answer that they are given")
        #expect(check.problem(of: TrainingJobID(1)) == nil)
    }

    @Test("a server that once has no score is not asked again, and its reason is kept", arguments: [0, 3, 8])
    func unknown(place: Int) async throws {
        let count = Mutex(0)
        let server = ScoringServer { request in
            let number = count.withLock { count in
                defer { count += 1 }
                return count
            }
            return number == place ? .unknown("why") : .tokens(request.adapter == nil ? Self.own : Self.tuned)
        }
        let check = try await check(Self.scores(), at: server)
        #expect(check.likelihood == GoldenLikelihood(unknown: "why"))
        #expect(server.asked.withLock(\.count) == place + 1)
    }

    @Test("a server that fails while it scores fails the comparison, as one that fails while it answers")
    func fails() async throws {
        let server = ScoringServer { _ in throw FledgeError("model.overloaded", "busy", exitCode: .tryAgain) }
        let error = await #expect(throws: FledgeError.self) { try await check(Self.scores(), at: server) }
        #expect(error?.code == "model.overloaded")
    }

    @Test("a job of a trainer that scored nothing is compared without, and a retry is named")
    func unscored() async throws {
        let server = ScoringServer { _ in .tokens([]) }
        let check = try await check(nil, at: server)
        #expect(check.likelihood?.unknown?.contains("fledge retry") == true)
        #expect(server.asked.withLock(\.isEmpty) && check.problem(of: TrainingJobID(1)) == nil)
    }

    @Test("prompts that are too long for the server's memory are not sent")
    func long() async throws {
        let server = ScoringServer { .tokens($0.adapter == nil ? Self.own : Self.tuned) }
        var scores = Self.scores(6, promptLength: GoldenScoring.longest - 3)
        let whole = try await check(scores, at: server)
        #expect(whole.likelihood?.figures?.answers == 6 && whole.likelihood?.figures?.tooLong == 0)
        scores.tuned[2]?.prompt.append(1)
        let partly = try await check(scores, at: server)
        #expect(partly.likelihood?.figures?.answers == 5 && partly.likelihood?.figures?.tooLong == 1)
        let none = try await check(Self.scores(6, promptLength: GoldenScoring.longest - 2), at: server)
        #expect(none.likelihood?.unknown?.contains("6 answers are too long") == true)
        // The server may know better than the limit.
        let small = try await check(Self.scores(), at: ScoringServer { _ in .tooLong })
        #expect(small.likelihood?.unknown?.contains("too long") == true)
    }

    @Test("answers that the trainer could not score, and lists that do not fit, are passed over")
    func odd() async throws {
        var scores = Self.scores()
        scores.tuned[0] = nil
        scores.base[5] = nil
        scores.tuned[1]?.tuned = [-1]
        let server = ScoringServer { .tokens($0.adapter == nil ? Self.own : Self.tuned) }
        let figures = try #require(try await check(scores, at: server).likelihood?.figures)
        #expect(figures.answers == 4 && figures.baseAnswers == 4)
        let short = ScoringServer { _ in .tokens([-1]) }
        #expect(try await check(Self.scores(), at: short).likelihood?.unknown?.contains("too few") == true)
    }

    @Test("calls that are counted, and those that wait for their turn, score too")
    func wrapped() async throws {
        let server = ScoringServer { _ in .tokens([-1]) }
        let model = ModelDefinition(name: "m", endpoint: .local)
        let request = ScoringRequest(model: "m", adapter: nil, prompt: [1], answer: [2])
        let measured = MeasuredModelServer(server, model: model)
        let gated = QueuedModelServer(server: measured, queue: CallQueue(), useCase: UseCaseID(1))
        #expect(try await gated.score(request) == .tokens([-1]))
        #expect(server.asked.withLock { $0 } == [request])
    }
}

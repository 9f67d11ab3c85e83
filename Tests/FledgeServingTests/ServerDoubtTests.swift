import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Synchronization
import Testing

@testable import FledgeServing

@Suite("A server that may charge for calls that are lost")
struct ServerDoubtTests {
    private static let lost = FledgeError("model.unreachable", "the connection broke", exitCode: .unavailable)

    /// A limit at a server that has answered, with so many calls in flight.
    private static func busy(_ count: Int) async throws -> (AdaptiveLimit, [AdaptiveLimit.Ticket]) {
        let limit = AdaptiveLimit(initial: 8, maximum: 8, isPaid: true, clock: VirtualClock().limitClock)
        limit.release(try await limit.acquire(), .success)
        var tickets: [AdaptiveLimit.Ticket] = []
        for _ in 0..<count { tickets.append(try await limit.acquire()) }
        return (limit, tickets)
    }

    @Test("one call tries a server that was never called; once it is answered, all begin", .timeLimit(.minutes(15)))
    func untried() async throws {
        let limit = AdaptiveLimit(initial: 8, maximum: 8, isPaid: true, clock: VirtualClock().limitClock)
        let first = try await limit.acquire()
        let others = (0..<8).map { _ in Task { try await limit.acquire() } }
        let othersWait = await eventually { limit.waiting == 8 }
        #expect(othersWait && limit.doubt?.failures == 0)
        limit.release(first, .success)
        // Eight are in flight at once: none of them is given back.
        for other in others { _ = try await other.value }
        #expect(limit.doubt == nil)
    }

    @Test(
        "a refusal, or a server that is not there, ends the doubt about one that was never called",
        .timeLimit(.minutes(15)), arguments: [AdaptiveLimit.Outcome.taken, .overloaded, .other])
    func refused(outcome: AdaptiveLimit.Outcome) async throws {
        let limit = AdaptiveLimit(initial: 8, maximum: 8, isPaid: true, clock: VirtualClock().limitClock)
        limit.release(try await limit.acquire(), outcome)
        for _ in 0..<4 { _ = try await limit.acquire() }
    }

    @Test("a single lost call among successes throttles nothing", .timeLimit(.minutes(15)))
    func odd() async throws {
        let (limit, tickets) = try await Self.busy(8)
        limit.release(tickets[0], .lost(Self.lost))
        #expect(limit.doubt?.failures == 1)
        limit.release(tickets[1], .success)
        #expect(limit.doubt == nil)
        for _ in 0..<2 { _ = try await limit.acquire() }
    }

    @Test("those that wait hear how the one that tries was lost, and are not sent", .timeLimit(.minutes(15)))
    func told() async throws {
        let (limit, tickets) = try await Self.busy(8)
        // What was in flight together is lost once.
        for ticket in tickets { limit.release(ticket, .lost(Self.lost)) }
        let known = limit.doubt
        #expect(known?.failures == 1)
        let trial = try await limit.acquire(knowing: known)
        let others = (0..<100).map { _ in Task { try await limit.acquire(knowing: known) } }
        let othersWait = await eventually { limit.waiting == 100 }
        #expect(othersWait)
        limit.release(trial, .lost(Self.lost))
        for other in others {
            let news = await #expect(throws: LostAlike.self) { _ = try await other.value }
            #expect(news?.failures == 1 && news?.error == Self.lost)
        }
        // Who has heard of it may try; one that comes back from it lets everybody begin.
        limit.release(try await limit.acquire(knowing: limit.doubt), .success)
        for _ in 0..<8 { _ = try await limit.acquire(knowing: known) }
    }

    @Test("where no call is paid, lost ones keep nobody waiting")
    func unpaid() async throws {
        let limit = AdaptiveLimit(initial: 2, maximum: 2)
        limit.release(try await limit.acquire(), .lost(Self.lost))
        for _ in 0..<2 { _ = try await limit.acquire() }
    }

    // MARK: - Clients

    private static let attempts = 5
    private static let question = CompletionRequest(
        model: "m", adapter: nil, messages: [ChatMessage(role: .user, content: "hello")],
        decoding: DecodingDefinition(maxTokens: 8), choices: nil)

    /// So many callers at once. - Returns: how many had their answer.
    private static func ask(_ server: OpenAIModelServer, callers: Int) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<callers { group.addTask { (try? await server.complete(Self.question)) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    private static func server(_ script: ScriptedServer, _ clock: StandingClock = StandingClock()) -> OpenAIModelServer
    {
        OpenAIModelServer(
            address: ServerAddress(base: script.base, key: nil), dialect: .openAI, http: CurlClient(),
            retries: RetryPolicy(attempts: attempts), clock: clock.limitClock)
    }

    @Test(
        "however many ask a server that is dead, few calls reach it, and all are answered once it is back",
        .timeLimit(.minutes(15)), arguments: [#"{"cut": true}"#, #"{"page": ""}"#, #"{"status": 504}"#])
    func dead(step: String) async throws {
        // Five tries, then one for each time that somebody comes again.
        let reaching = Self.attempts + 4
        let seen = try await ScriptedServer.with(Array(repeating: step, count: reaching) + ["{}"]) { script in
            let clock = StandingClock()
            let server = Self.server(script, clock)
            for _ in 0..<5 {
                #expect(await Self.ask(server, callers: 64) == 0)
                // Who comes in the same moment is not sent.
                #expect(await Self.ask(server, callers: 8) == 0)
                clock.passed.withLock { $0 += .seconds(2) }
            }
            #expect(await Self.ask(server, callers: 64) == 64)
        }
        #expect(seen.count == reaching + 64)
    }

    @Test("a server that loses calls now and then answers all of them", .timeLimit(.minutes(15)))
    func flapping() async throws {
        let steps = (0..<12).flatMap { _ in ["{}", "{}", #"{"cut": true}"#, "{}"] } + ["{}"]
        let seen = try await ScriptedServer.with(steps) { script in
            #expect(await Self.ask(Self.server(script), callers: 96) == 96)
        }
        #expect(seen.count == 96 + 12)
    }
}

/// A clock that goes on when the test says so; sleeping takes no time.
private final class StandingClock: Sendable {
    private let start = ContinuousClock.now
    let passed = Mutex(Duration.zero)

    var limitClock: AdaptiveLimit.Clock {
        AdaptiveLimit.Clock(
            now: { [self] in start + passed.withLock { $0 } },
            sleep: { _ in
                try Task.checkCancellation()
                await Task.yield()
            })
    }
}

import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Testing

@testable import FledgeServing

/// The clients of model servers, against a server over HTTP that misbehaves.
@Suite("What callers of model servers over HTTP rely on", .timeLimit(.minutes(5)))
struct ModelServerConformanceTests {
    private static func mode(_ behaviour: ModelServerScene.Behaviour) -> FaultMode {
        func mode(_ reply: FaultReply, _ reach: FaultMode.Reach = .every) -> FaultMode {
            FaultMode(behaviour.rawValue, behaviour.rawValue, reply, .mended, reach: reach)
        }
        return switch behaviour {
        case .answers: .none
        case .saysNoUsage: mode(.answer { $0.usage = nil })
        case .losesFirst: mode(.answer().delivered(.closed), .first(1))
        case .isAway: mode(.openAI(503, "The server is overloaded or not ready yet."))
        case .refuses: mode(.openAI(401, "Incorrect API key provided.", code: "invalid_api_key"))
        case .hangs: mode(.answer().delivered(.late(20)), .after(1))
        }
    }

    private static func with(
        _ behaviour: ModelServerScene.Behaviour, wrap: (OpenAIModelServer) -> any ModelServer,
        _ body: (ModelServerScene) async throws -> Void
    ) async throws {
        let provider = try FaultServer()
        defer { provider.close() }
        let session = provider.open(behaviour.rawValue, mode(behaviour), at: .start)
        let server = OpenAIModelServer(
            address: ServerAddress(base: provider.base(of: session), key: nil), http: CurlClient(),
            retries: RetryPolicy(attempts: 3), timeout: .seconds(120), clock: VirtualClock().limitClock)
        try await body(
            ModelServerScene(server: wrap(server), reached: { session.calls }, mend: { session.mend() }))
    }

    @Test("OpenAI's API keeps it", arguments: ModelServerPromise.allCases)
    func openAI(promise: ModelServerPromise) async throws {
        try await Self.with(promise.behaviour, wrap: { $0 }) { scene in
            let breach = try await promise.breach(in: scene)
            #expect(breach == nil)
        }
    }

    @Test("a server that loads adapters keeps it, and no route stays in use", arguments: ModelServerPromise.allCases)
    func adapters(promise: ModelServerPromise) async throws {
        let delivery = Routes()
        try await Self.with(
            promise.behaviour, wrap: { AdapterModelServer(model: "m", server: $0, delivery: delivery) }
        ) { scene in
            let breach = try await promise.breach(in: scene)
            #expect(breach == nil)
        }
        #expect(await delivery.inUse == 0)
    }

    /// Knows the base alone, and counts the calls that use it.
    private actor Routes: AdapterDelivery {
        private(set) var inUse = 0

        func deliver(_ adapters: [ServedAdapter]) async throws {}
        func begin(_ adapter: AdapterDigest?) async throws -> AdapterRoute {
            inUse += 1
            return AdapterRoute()
        }
        func end(_ route: AdapterRoute) async { inUse -= 1 }
        func renew(_ route: AdapterRoute) async throws -> AdapterRoute? { nil }
        func loaded() async throws -> [AdapterDigest] { [] }
        nonisolated var mixes: Bool { true }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Testing

/// What a server costs that may charge for calls which it does not answer.
@Suite("Calls that may have been charged", .serialized) struct LostCallCostTests {
    /// One piece of work tries five times at a server that was never called, and once each of the four times that it is taken
    /// up again.
    private static let most: Int64 = 9

    private static let modes = ["closed-all", "reset-after-head-all", "html200-all", "504-html-all", "hang-all"]

    @Test("of a server that fails for long few calls count against the cap, and once it is back the work ends under it")
    func bounded() async throws {
        let price = TokenPrice(
            promptMicroDollarsPerMillion: 100_000_000, completionMicroDollarsPerMillion: 100_000_000)
        let call = SpendAmount(
            CallEstimate(
                messages: [
                    ChatMessage(role: .system, content: "Say the letter."), ChatMessage(role: .user, content: "t59"),
                ], maxTokens: 4, price: price))
        try await FaultEngine.run { engine in
            var opened: [(name: String, cap: Int64, session: FaultSession)] = []
            for name in Self.modes {
                let scenario = FaultScenario(mode: name, place: .start, share: .capped)
                let session = try await engine.apply(scenario, try #require(FaultMode.named(name)))
                opened.append((scenario.name, scenario.capMicroDollars, session))
            }
            let sessions = opened
            @Sendable func account(_ name: String) async throws -> SpendAccount {
                try #require(try await engine.control.spends(name: name).first?.account)
            }
            try await engine.withWorker("first") {
                #expect(try await engine.untilAllEnded(within: .seconds(150)).isEmpty)
                for (name, cap, session) in sessions {
                    let paid = try await account(name)
                    #expect(session.hits > 0 && session.hits <= Self.most, "\(name): \(session.hits) calls")
                    #expect(paid.presumed.calls == session.hits, "\(name): \(paid)")
                    #expect(paid.presumed.costMicroDollars <= Self.most * call.costMicroDollars)
                    #expect(paid.settled == .zero)
                    #expect(Self.most * call.costMicroDollars < cap / 10)
                    session.mend()
                    _ = try await engine.control.send(.retry, to: name, actor: "ada")
                }
                #expect(try await engine.untilAllEnded(within: .seconds(150)).isEmpty)
                for (name, cap, _) in sessions {
                    #expect(try await engine.ending(of: name).isLive, "\(name)")
                    let paid = try await account(name)
                    #expect(paid.used.costMicroDollars <= cap && paid.presumed.calls <= Self.most, "\(name): \(paid)")
                }
            }
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Synchronization
import Testing

@Suite("Caps on what a use case spends")
struct SpendTests {
    private static let price = TokenPrice(
        promptMicroDollarsPerMillion: 10_000_000, completionMicroDollarsPerMillion: 30_000_000)
    private static let request = CompletionRequest(
        model: "paid", adapter: nil, messages: [ChatMessage(role: .user, content: "twenty bytes of text")],
        decoding: DecodingDefinition(maxTokens: 10), choices: nil)
    private static let estimate = SpendAmount(
        CallEstimate(messages: request.messages, maxTokens: 10, price: price))

    /// A provider that counts what it is paid.
    private final class Provider: Sendable {
        private let sum = Mutex(SpendAmount.zero)
        var paid: SpendAmount { sum.withLock { $0 } }

        func answer(_ seed: UInt64) -> Completion {
            let draw = StableHash.hash("answer", seed: seed)
            let answer = Completion(
                text: "x", finishReason: "stop", promptTokens: 10 + Int(draw % 10), cachedTokens: 0,
                completionTokens: 1 + Int(draw / 10 % 10), latencyMicroseconds: 1)
            sum.withLock {
                $0 += SpendAmount(
                    promptTokens: answer.promptTokens ?? 0, completionTokens: answer.completionTokens ?? 0,
                    price: SpendTests.price)
            }
            return answer
        }
    }

    private static func useCase(
        _ store: PostgresStores, _ spend: SpendDefinition?, name: String = "paid"
    ) async throws -> UseCaseID {
        let definition = UseCaseDefinition(name: name, purpose: "Pay.", owner: "ada", spend: spend)
        return try await store.apply(
            DefinitionSubmission(
                document: DefinitionDocument(useCase: definition, sourceFile: "paid.swift"), sourceText: "…",
                actor: "ada", snapshotSHA256: Digest(of: "data"), sourcePath: "data.jsonl",
                rows: [SnapshotRow(row: 1, split: .holdout, group: "g", inputs: ["text": "a"], expected: "b")])
        ).useCase
    }

    private static func account(_ store: PostgresStores) async throws -> SpendAccount {
        try #require(try await store.spends(useCase: "paid").first?.account)
    }

    @Test("racing workers of several daemons, some of which die, never pay more than the cap, and use it up")
    func race() async throws {
        let cap: Int64 = 400_000
        try await PostgresFixture.shared.withConnectionString { database in
            let pools = (0..<4).map { _ in
                PostgresPool(
                    PostgresConfiguration(
                        connectionString: database, maximumConnections: 3, acquireTimeout: .seconds(300)),
                    logger: PostgresFixture.shared.logger)
            }
            let stores = pools.map { PostgresStores(pool: $0, logger: PostgresFixture.shared.logger) }
            let useCase = try await Self.useCase(
                stores[0], SpendDefinition(costMicroDollars: cap, period: .month, zone: "Europe/Berlin"))
            let provider = Provider()
            let ends = try await withThrowingTaskGroup(of: (refusal: String?, purse: Purse).self) { group in
                for worker in 0..<32 {
                    group.addTask {
                        let store = stores[worker % 4]
                        let purse = Treasury(store: store, useCase: useCase, lease: .milliseconds(400))
                            .purse(for: .max, atOnce: 1 + worker % 7)
                        let refusal = await code {
                            for number in 1... {
                                _ = try await purse.pay(for: Self.request, price: Self.price) { _ in
                                    provider.answer(UInt64(worker * 10_000 + number))
                                }
                                if number.isMultiple(of: 5) { try await store.charge(purse.charges()) }
                                // Dead, with money set aside and calls that nobody has settled.
                                if worker.isMultiple(of: 5), number == 7 { return }
                            }
                        }
                        if refusal != nil { await purse.close() }
                        return (refusal, purse)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // A worker that came too late for seven calls was refused before it could die.
            let dead = ends.filter { $0.refusal == nil }.map(\.purse)
            #expect(!dead.isEmpty && dead.count <= 7)
            #expect(Set(ends.compactMap(\.refusal)) == ["spend.cap_reached"])
            let account = try await Self.account(stores[0])
            #expect(provider.paid.costMicroDollars <= cap)
            #expect(account.reserved == .zero)
            #expect(account.used.costMicroDollars <= cap && account.used.covers(provider.paid))
            // What is left would not have been enough for one more call.
            #expect(cap - account.used.costMicroDollars < Self.estimate.costMicroDollars)
            // Each of the dead had two calls that it had not settled, and at most what a block leaves after one more call.
            #expect(account.presumed.calls > 0 && account.presumed.calls <= Int64(dead.count) * (2 + 15))
            // They turn out to be alive: the account then says to the last token what was paid.
            for purse in dead { await purse.close() }
            let last = try await Self.account(stores[0])
            #expect(last.settled == provider.paid && last.presumed == .zero && last.reserved == .zero)
            for pool in pools { await pool.shutdown() }
        }
    }

    @Test("a charge that is written twice, or overtaken by a later one, counts once")
    func idempotent() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let useCase = try await Self.useCase(store, SpendDefinition(calls: 10, period: .day))
            let purse = Treasury(store: store, useCase: useCase).purse(for: 6, atOnce: 1)
            let provider = Provider()
            func pay() async throws {
                _ = try await purse.pay(for: Self.request, price: Self.price) { _ in provider.answer(1) }
            }
            try await pay()
            let first = purse.charges()
            try await pay()
            let second = purse.charges()
            for charges in [second, first, second] { try await store.charge(charges) }
            let account = try await Self.account(store)
            #expect(account.settled == provider.paid && account.reserved.calls == 4)
            let lost = await code {
                _ = try await purse.pay(for: Self.request, price: Self.price) { attempts in
                    try await attempts.begin()
                    throw FledgeError("model.timeout", "late")
                }
            }
            let refused = await code {
                _ = try await purse.pay(for: Self.request, price: Self.price) { attempts in
                    try await attempts.begin()
                    attempts.wasRefused()
                    throw FledgeError("model.bad_request", "no")
                }
            }
            #expect(lost == "model.timeout" && refused == "model.bad_request")
            await purse.close()
            let closed = try await Self.account(store)
            // Nobody knows whether the call that timed out was paid; the refused one was not.
            #expect(closed.settled.calls == 2 && closed.presumed.calls == 1 && closed.reserved == .zero)
        }
    }

    @Test("each attempt that may have been charged counts at the most, and one that was never begun costs nothing")
    func attempts() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let useCase = try await Self.useCase(store, SpendDefinition(calls: 3, period: .day))
            let provider = Provider()
            func pay(losing lost: Int) async -> String? {
                let purse = Treasury(store: store, useCase: useCase).purse(for: 1, atOnce: 1)
                let refusal = await code {
                    _ = try await purse.pay(for: Self.request, price: Self.price) { attempts in
                        for _ in 0..<lost { try await attempts.begin() }
                        attempts.wasRefused()
                        try await attempts.begin()
                        return provider.answer(1)
                    }
                }
                await purse.close()
                return refusal
            }
            // Two are lost, of which the second was turned down: the first counts at the most, and the third is answered.
            #expect(await pay(losing: 2) == nil)
            let account = try await Self.account(store)
            #expect(account.presumed == Self.estimate && account.settled == provider.paid)
            // A call that was never begun costs nothing, however it ends.
            let purse = Treasury(store: store, useCase: useCase).purse(for: 1, atOnce: 1)
            let unsent = await code {
                _ = try await purse.pay(for: Self.request, price: Self.price) { _ in
                    throw FledgeError("model.timeout", "it waited for its turn")
                }
            }
            await purse.close()
            #expect(unsent == "model.timeout")
            #expect(try await Self.account(store).used == account.used)
        }
    }

    @Test("what a silent worker set aside counts as paid, until the worker turns out to be alive")
    func lapsed() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let useCase = try await Self.useCase(store, SpendDefinition(calls: 10, period: .week))
            let silent = Treasury(store: store, useCase: useCase, lease: .zero).purse(for: 10, atOnce: 8)
            let provider = Provider()
            _ = try await silent.pay(for: Self.request, price: Self.price) { _ in provider.answer(1) }
            let other = Treasury(store: store, useCase: useCase).purse(for: 1, atOnce: 1)
            let refusal = await code {
                _ = try await other.pay(for: Self.request, price: Self.price) { _ in provider.answer(2) }
            }
            #expect(refusal == "spend.cap_reached")
            #expect(try await Self.account(store).presumed.calls == 10)
            await silent.close()
            let account = try await Self.account(store)
            #expect(account.settled == provider.paid && account.presumed == .zero && account.reserved == .zero)
            _ = try await other.pay(for: Self.request, price: Self.price) { _ in provider.answer(3) }
            await other.close()
            #expect(try await Self.account(store).settled.calls == 2)
        }
    }

    /// Grants at once, and answers when it is let.
    private struct LateStore: SpendStore {
        let store: PostgresStores
        let granted: AsyncStream<Void>.Continuation
        let isLet: AsyncStream<Void>

        func reserve(
            _ count: Int, each: SpendAmount, for useCase: UseCaseID, addingTo reservation: Int64?, lease: Duration
        ) async throws -> SpendGrant {
            let grant = try await store.reserve(
                count, each: each, for: useCase, addingTo: reservation, lease: lease)
            granted.yield()
            for await _ in isLet { break }
            // As a client does whose caller does not wait any longer.
            try Task.checkCancellation()
            return grant
        }

        func charge(_ charges: [PurseState.Charge]) async throws { try await store.charge(charges) }
        func close(_ charges: [PurseState.Charge]) async throws { try await store.close(charges) }
        func spends(useCase: String?) async throws -> [UseCaseSpend] { try await store.spends(useCase: useCase) }
        func cyclesPastCap(at moment: Date) async throws -> [CycleID] { try await store.cyclesPastCap(at: moment) }
    }

    @Test("a worker that is cancelled while money is set aside for it gives all of it back")
    func cancelled() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let useCase = try await Self.useCase(store, SpendDefinition(calls: 10, period: .week))
            let (grants, granted) = AsyncStream<Void>.makeStream()
            let (isLet, letting) = AsyncStream<Void>.makeStream()
            let late = LateStore(store: store, granted: granted, isLet: isLet)
            let purse = Treasury(store: late, useCase: useCase).purse(for: 10, atOnce: 8)
            let paying = Task {
                try await purse.pay(for: Self.request, price: Self.price) { _ in
                    throw FledgeError("test.asked", "the call was made")
                }
            }
            for await _ in grants { break }
            paying.cancel()
            letting.yield()
            await #expect(throws: CancellationError.self) { try await paying.value }
            await purse.close()
            let account = try await Self.account(store)
            #expect(account.used == .zero)
        }
    }

    @Test("the next period begins with nothing used, and a use case without a cap sets nothing aside")
    func periods() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let useCase = try await Self.useCase(store, SpendDefinition(calls: 1, period: .day, zone: "Asia/Tokyo"))
            let provider = Provider()
            func pay() async -> String? {
                let purse = Treasury(store: store, useCase: useCase).purse(for: 1, atOnce: 1)
                let refusal = await code {
                    _ = try await purse.pay(for: Self.request, price: Self.price) { _ in provider.answer(1) }
                }
                await purse.close()
                return refusal
            }
            #expect(await [pay(), pay()] == [nil, "spend.cap_reached"])
            let account = try await Self.account(store)
            // Midnight in Tokyo, which knows no summer time.
            #expect(account.startsAt.timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400) == 15 * 3600)
            try await pool.execute(
                "UPDATE spend_account SET starts_at = starts_at - interval '1 day', ends_at = ends_at - interval '1 day'"
            )
            #expect(await [pay(), pay()] == [nil, "spend.cap_reached"])
            _ = try await Self.useCase(store, nil)
            #expect(await [pay(), pay(), pay()] == [nil, nil, nil])
            #expect(try await store.spends(useCase: nil).map(\.account) == [nil])
        }
    }

    @Test("what all use cases spent is one look, which makes no account")
    func spends() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let store = PostgresStores(pool: pool, logger: PostgresFixture.shared.logger)
            let cap = SpendDefinition(calls: 10, period: .day, zone: "America/New_York")
            let paying = try await Self.useCase(store, cap)
            _ = try await Self.useCase(store, cap, name: "idle")
            _ = try await Self.useCase(store, nil, name: "uncapped")
            let provider = Provider()
            let purse = Treasury(store: store, useCase: paying).purse(for: 3, atOnce: 1)
            _ = try await purse.pay(for: Self.request, price: Self.price) { _ in provider.answer(1) }
            try await store.charge(purse.charges())
            let spends = try await store.spends(useCase: nil)
            #expect(spends.map(\.name) == ["idle", "paid", "uncapped"])
            #expect(spends.map(\.account?.cap.calls) == [10, 10, nil])
            #expect(spends.map(\.account?.settled.calls) == [0, 1, nil])
            #expect(spends.map(\.account?.reserved.calls) == [0, 2, nil])
            #expect(spends[0].account?.endsAt == spends[1].account?.endsAt)
            #expect(try await store.spends(useCase: "idle") == [spends[0]])
            let accounts = try await pool.query("SELECT count(*) AS n FROM spend_account")[0].get("n", as: Int.self)
            #expect(accounts == 1)
        }
    }

    @Test("a use case at its cap is blocked and says what to do; with a higher cap it goes on, and pays nothing twice")
    func blocked() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            var definition = EngineFixture.definition()
            definition.spend = SpendDefinition(calls: 55, period: .month)
            try await fixture.apply(definition)
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "spend.cap_reached")
            #expect(state.block?.message.contains("55 calls of 55 calls") == true, "\(state.block?.message ?? "")")
            // In the middle of the gate: the prototype split is 40, and the holdout 60.
            #expect(state.activity == .judging && fixture.models.calls.count == 55)
            let spend = try #require(try await fixture.control.spends(name: "parity").first?.account)
            #expect(spend.settled.calls == 55 && spend.reserved == .zero && spend.presumed == .zero)
            definition.spend?.calls = 150
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            #expect(fixture.models.calls.count == EngineFixture.prototypeCount + EngineFixture.holdoutCount)
        }
    }

    @Test("a use case at its cap goes on by itself when the next period begins: once, not before, and not while paused")
    func nextPeriod() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            @Sendable func look(at moment: Date?) async throws {
                let clock: @Sendable () async throws -> Date = {
                    guard let moment else { return try await fixture.store.clock() }
                    return moment
                }
                try await Scheduler(
                    stores: fixture.store, cycles: CycleService(stores: fixture.store), now: clock,
                    logger: PostgresFixture.shared.logger
                ).tick()
            }
            @Sendable func retries() async throws -> [String] {
                try await fixture.control.history(name: "parity").filter { $0.event == "retried" }.map(\.actor)
            }
            var definition = EngineFixture.definition()
            definition.spend = SpendDefinition(calls: 55, period: .month, zone: "Europe/Berlin")
            try await fixture.apply(definition)
            try await fixture.work { $0.isBlocked }
            let end = try #require(try await fixture.control.spends(name: "parity").first?.account).endsAt
            try await look(at: nil)
            try await look(at: end.addingTimeInterval(-1))
            _ = try await fixture.control.send(.pause, to: "parity", actor: "ada")
            try await look(at: end)
            #expect(try await fixture.currentState().block?.code == "spend.cap_reached")
            _ = try await fixture.control.send(.resume, to: "parity", actor: "ada")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await look(at: end) } }
                try await group.waitForAll()
            }
            #expect(try await fixture.currentState().block == nil)
            #expect(try await retries() == ["fledged"])

            // A month passes. The verdict on the last one is written down when this one has begun.
            // Chained as it is: only what keeps samples as they are looks away.
            try await fixture.pool.withConnection { connection in
                try await connection.script(
                    """
                    ALTER TABLE sample DISABLE TRIGGER append_only; UPDATE sample SET at = at - interval '1 month';
                    ALTER TABLE sample ENABLE TRIGGER append_only
                    """)
            }
            try await fixture.pool.execute(
                "UPDATE spend_account SET starts_at = starts_at - interval '1 month', ends_at = starts_at")
            try await fixture.pool.execute(
                "UPDATE work_item SET state = 'cancelled', finished_at = now() WHERE state = 'queued'")
            try await CycleService(stores: fixture.store).apply(
                .workFailed(code: "spend.cap_reached", message: "the last month's"), to: fixture.cycle().id,
                actor: "fledged")
            try await look(at: nil)
            try await fixture.work { $0.isLive }
            #expect(try await retries() == ["fledged", "fledged"])
            #expect(fixture.models.calls.count == EngineFixture.prototypeCount + EngineFixture.holdoutCount)
            let waiting = try await fixture.pool.query("SELECT FROM capped_cycle")
            #expect(waiting.isEmpty)
        }
    }

    @Test("a cap that comes in the middle of a period counts what was paid since its beginning")
    func later() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            var definition = EngineFixture.definition(purpose: "Tell them apart.")
            definition.spend = SpendDefinition(calls: 1000, period: .year)
            try await fixture.apply(definition)
            let spend = try #require(try await fixture.control.spends(name: "parity").first)
            #expect(spend.account?.settled.calls == Int64(fixture.models.calls.count))
            #expect(spend.total.calls == Int64(fixture.models.calls.count))
        }
    }

    @Test("a judge's calls count alike in status, in reports, in the total, against a budget and against the cap")
    func judged() async throws {
        try await EngineFixture.run(JudgeTests.models { JudgeTests.isRight($0) ? "pass" : "fail" }) { fixture in
            var definition = JudgeTests.definition()
            definition.spend = SpendDefinition(calls: 1000, period: .year)
            try await fixture.apply(definition)
            try await fixture.work { $0.isBlocked }
            let questions = JudgeTests.questions(fixture).count
            #expect(questions == EngineFixture.prototypeCount + EngineFixture.holdoutCount)
            let spend = try #require(try await fixture.control.spends(name: "parity").first)
            let total = spend.total
            #expect(total.calls == Int64(fixture.models.calls.count))
            #expect(total.costMicroDollars == 12 * Int64(questions))
            #expect(spend.account?.settled == total)
            let budgeted = try await fixture.store.spend(of: try await fixture.cycle().id)
            #expect(
                budgeted
                    == CycleSpend(
                        calls: Int(total.calls), tokens: Int(total.tokens), costMicroDollars: total.costMicroDollars))
            let report = try await fixture.store.reportContent(useCase: "parity", from: nil, to: .now)
            for status in try await fixture.control.statuses(name: "parity") + report.useCases.map(\.status) {
                #expect(Int64(status.callsMade) == total.calls)
                #expect(status.costMicroDollars == total.costMicroDollars)
            }
            // A cap that comes later counts what the judge was paid since the period's beginning.
            try await fixture.pool.execute("DELETE FROM spend_account")
            #expect(try await fixture.control.spends(name: "parity").first?.account?.settled == total)
        }
    }
}

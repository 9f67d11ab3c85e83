import FledgeCore
import FledgeEngine
import FledgePostgres
import PostgresClient
import Testing

@Suite("Dead work in PostgreSQL")
struct StoresDeadWorkTests {
    private static let failure = CycleEvent.workFailed(code: "model.refused", message: "no\0 such model")

    /// A cycle whose experiment has failed for good.
    private func blocked(_ fixture: StoresFixture) async throws -> Cycle {
        let cycle = try await fixture.startedCycle()
        let work = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600))[0]
        return try await fixture.advance(cycle, by: Self.failure, finishing: work.lease)
    }

    @Test("work that failed for good dies in the transaction that blocks its cycle, and says why")
    func dies() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await blocked(fixture)
            #expect(cycle.state.block?.code == "model.refused")
            let dead = try await fixture.store.work(in: [.dead], useCase: nil, limit: 10)
            #expect(dead.map(\.kind) == ["run-experiment"] && dead.map(\.useCase) == ["colour"])
            #expect(dead[0].errorCode == "model.refused" && dead[0].errorMessage == "no\u{FFFD} such model")
            #expect(dead[0].cycle == 1 && dead[0].finishedAt != nil && dead[0].worker == nil)
            #expect(try await fixture.store.depth() == (due: 1, leased: 0, dead: 1))
            let claimed = try await fixture.store.claim(limit: 9, worker: "w", lease: .seconds(3600))
            #expect(claimed.map(\.action) == [.notify("blocked")])
        }
    }

    @Test("a stale worker can neither bury the work nor block the cycle")
    func staleBurial() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let stale = try await fixture.store.claim(limit: 1, worker: "slow", lease: .zero)[0]
            _ = try await fixture.store.claim(limit: 1, worker: "quick", lease: .seconds(9))
            let block = await code {
                try await fixture.advance(cycle, by: Self.failure, finishing: stale.lease)
            }
            let burial = await code {
                try await fixture.store.bury(stale.lease, because: FledgeError("a.b", "c"))
            }
            #expect(block == "work.lost" && burial == "work.lost")
            #expect(try await fixture.store.cycle(cycle.id) == cycle)
            #expect(try await fixture.store.work(in: [.dead], useCase: nil, limit: 9).isEmpty)
        }
    }

    @Test("a retry puts the stage's work in the place of what died at it, with all of its attempts")
    func retry() async throws {
        try await StoresFixture.run { fixture in
            try await fixture.advance(try await blocked(fixture), by: .retried)
            #expect(try await fixture.store.work(in: [.dead], useCase: nil, limit: 9).isEmpty)
            let claimed = try await fixture.store.claim(limit: 9, worker: "w", lease: .seconds(3600))
            #expect(claimed.map(\.action) == [.runExperiment(round: 1)] && claimed.map(\.attempt) == [1])
        }
    }

    @Test("a retry also brings back a notification that died meanwhile")
    func retryOfTheRest() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await blocked(fixture)
            let notification = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600))[0]
            try await fixture.store.bury(notification.lease, because: FledgeError("a.b", "c"))
            try await fixture.advance(cycle, by: .retried)
            let waiting = try await fixture.store.work(in: [.queued, .dead], useCase: "colour", limit: 9)
            #expect(Set(waiting.map(\.kind)) == ["notify", "run-experiment"])
            #expect(waiting.allSatisfy { $0.state == .queued && $0.attempts == 0 })
        }
    }

    @Test("what died in a cycle that is over waits for nobody")
    func replacedCycle() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await blocked(fixture)
            _ = try await fixture.store.apply(StoresFixture.submission(prompt: "Name it better."))
            _ = try await fixture.store.openCycle(for: cycle.useCase, actor: "ada")
            #expect(try await fixture.store.work(in: [.dead, .queued], useCase: nil, limit: 9).isEmpty)
        }
    }

    @Test("a claim after the last attempt says so, so that poison is buried and not tried for ever")
    func usedUp() async throws {
        try await StoresFixture.run { fixture in
            try await fixture.store.enqueue(report: StoresWorkTests.report("poison"))
            for attempt in 1...6 {
                let item = try await fixture.store.claim(limit: 1, worker: "w", lease: .zero)[0]
                #expect(item.attempt == attempt && item.maximumAttempts == 5)
                if attempt == 6 { try await fixture.store.bury(item.lease, because: FledgeError("work.x", "y")) }
            }
            #expect(try await fixture.store.claim(limit: 1, worker: "w", lease: .zero).isEmpty)
            let dead = try await fixture.store.work(in: [.dead], useCase: nil, limit: 1)[0]
            #expect(dead.errorCode == "work.x")
            #expect(try await fixture.store.revive(dead.id))
            #expect(try await fixture.store.revive(dead.id) == false)
            #expect(try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(9)).map(\.attempt) == [1])
        }
    }

    @Test("what this build cannot read does not keep other work from its worker")
    func unreadable() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            try await fixture.pool.execute(
                "UPDATE work_item SET payload = '{\"fromTheFuture\": {}}' WHERE cycle_id = $1", [cycle.id.rawValue])
            try await fixture.store.enqueue(report: StoresWorkTests.report("r"))
            let claimed = try await fixture.store.claim(limit: 9, worker: "w", lease: .seconds(9))
            #expect(claimed.map(\.kind) == [.runExperiment, .writeReport])
            #expect(claimed[0].unreadable?.exitCode == .tryAgain && claimed[0].action == nil)
            #expect(claimed[1].unreadable == nil && claimed[1].report != nil)
        }
    }

    @Test("the queue is listed by state, dead work first, of one use case or of all")
    func list() async throws {
        try await StoresFixture.run { fixture in
            _ = try await blocked(fixture)
            _ = try await fixture.startedCycle("shape")
            _ = try await fixture.store.claim(limit: 1, worker: "w", lease: .seconds(3600))
            let all = try await fixture.store.work(in: Set(WorkState.open), useCase: nil, limit: 10)
            #expect(all.map(\.state) == [.dead, .leased, .queued])
            #expect(all.map(\.useCase) == ["colour", "colour", "shape"])
            let one = try await fixture.store.work(in: Set(WorkState.open), useCase: "shape", limit: 10)
            #expect(one.map(\.kind) == ["run-experiment"])
            #expect(try await fixture.store.work(in: Set(WorkState.open), useCase: nil, limit: 1).count == 3)
            #expect(try await fixture.store.work(WorkItemID(999_999)) == nil)
        }
    }
}

@Suite("Values in jsonb")
struct StoredJSONTests {
    @Test(
        "keep everything but NUL, also beside backslashes",
        arguments: [
            ("a\0b", "a\u{FFFD}b"), (#"a\u0000b"#, #"a\u0000b"#), ("\\\0\\\\", "\\\u{FFFD}\\\\"), ("\0", "\u{FFFD}"),
        ])
    func nul(text: String, kept: String) async throws {
        let json = try JSONProfile.stored.text(of: ["t": text])
        #expect(try JSONProfile.stored.value([String: String].self, from: json) == ["t": kept])
        let stored = try await StoresFixture.run { fixture in
            try await fixture.pool.query("SELECT $1::jsonb->>'t' AS t", [json])[0].get("t", as: String.self)
        }
        #expect(stored == kept)
    }
}

import FledgeCore
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Testing

@Suite struct CrashTests {
    @Test("after a crash in an experiment, no answer that was recorded is asked for again")
    func experiment() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            fixture.models.hold(atCall: 21)
            // A worker that dies: its claim stays, nothing settles it, and its lease is short.
            let item = try #require(
                try await fixture.store.claim(limit: 1, worker: "dying", lease: .milliseconds(300)).first)
            let handler = ExperimentHandler(
                stores: fixture.store,
                models: ServerDirectory(stores: fixture.store, catalog: fixture.models, artifacts: fixture.training))
            await withTaskGroup(of: Bool.self) { group in
                group.addTask { (try? await handler.handle(item)) == nil }
                await fixture.models.callIsHeld()
                group.cancelAll()
                #expect(await group.next() == true)
            }
            try await fixture.work(as: "heir") { $0.isLive }
            // The call that was cut off has no answer that could have been recorded: it alone comes twice.
            let counts = Dictionary(grouping: fixture.models.inputs) { $0 }.mapValues(\.count)
            #expect(counts.values.filter { $0 > 1 } == [2])
            #expect(fixture.models.calls.count == EngineFixture.prototypeCount + EngineFixture.holdoutCount + 1)
            #expect(fixture.models.inputs[20] == fixture.models.inputs[21])
        }
    }

    @Test("a worker that lost its lease cannot record the outcome of its work")
    func fenced() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            let item = try #require(try await fixture.store.claim(limit: 1, worker: "slow", lease: .zero).first)
            let cycle = try #require(item.cycle)
            try await fixture.work(as: "heir") { $0.isLive }
            let found = await code {
                _ = try await CycleService(stores: fixture.store).apply(
                    .paused, to: cycle, actor: "slow", finishing: item.lease)
            }
            #expect(found == "work.lost")
            #expect(try await !fixture.currentState().isPaused)
        }
    }

    @Test("a daemon that stops in a gate goes on where it was")
    func gate() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            fixture.models.hold(atCall: EngineFixture.prototypeCount + 31)
            try await fixture.withWorker("first") { await fixture.models.callIsHeld() }
            try await fixture.work(as: "second") { $0.isLive }
            #expect(fixture.models.calls.count == EngineFixture.prototypeCount + EngineFixture.holdoutCount + 1)
            let gates = try await fixture.control.explain(name: "parity").gates
            #expect(gates.map(\.look) == [1])
        }
    }

    @Test("a crash between submitting a training job and noting its id submits no second job")
    func training() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            fixture.training.holdAfterSubmission()
            try await fixture.withWorker("first") { await fixture.training.submissionIsHeld() }
            try await fixture.work(as: "second") { $0.isLive }
            #expect(fixture.training.submissions.count == 1)
            let jobs = try await fixture.control.jobs(name: "parity")
            #expect(jobs.count == 1)
        }
    }

    @Test("a server that is away is tried again, and the cycle is not blocked by it")
    func unreachable() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            fixture.models.fail(with: FledgeError("model.unreachable", "no answer", exitCode: .unavailable))
            try await fixture.withWorker("worker") {
                let isTried = await eventually { !fixture.models.calls.isEmpty }
                #expect(isTried)
                fixture.models.fail(with: nil)
                _ = try await eventually { try await fixture.currentState().isLive }
            }
            #expect(try await fixture.currentState().isLive)
        }
    }
}

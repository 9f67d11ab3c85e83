import FledgeCore
import FledgeEngine
import FledgePostgres
import Testing

@Suite("What a training is at, in the database")
struct StoresPhaseTests {
    private static func trainingCycle(_ fixture: StoresFixture) async throws -> Cycle {
        var cycle = try await fixture.startedCycle()
        let candidate = StoresFixture.candidate("few-shot")
        try await fixture.store.register(candidate)
        for event in [
            CycleEvent.candidateChosen(candidate.id), .gateJudged(.failed, candidate.id), .decisionMade(.fineTune),
        ] {
            cycle = try await fixture.advance(cycle, by: event)
        }
        return cycle
    }

    @Test("status and jobs name each phase; a rate, seconds a step and a time left belong to training alone")
    func phases() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await Self.trainingCycle(fixture)
            let job = try await store.openJob(cycle: cycle.id, attempt: 1, intent: "colour-1-1", executor: "local")
            #expect(try await store.statuses(useCase: "colour")[0].progress == nil)
            try await store.setPhase(.waiting, of: job.id)
            let waiting = try await store.statuses(useCase: "colour")[0].progress
            #expect(waiting?.phase == "waiting for a place" && waiting?.what == "training 1" && waiting?.total == 0)
            try await store.recordSubmission(job.id, externalID: "x-1")
            let point = TrainingPoint(step: 4, loss: 1, validationLoss: nil, tokensPerSecond: 9, elapsedSeconds: 50)
            try await store.record(
                TrainingUpdate(
                    state: .running, points: [point], totalSteps: 8, etaSeconds: 49, log: [], offset: 10,
                    phase: .training), job: job.id)
            let training = try await store.statuses(useCase: "colour")[0].progress
            #expect(training?.rate == 0.08 && training?.etaSeconds == 49 && training?.phase == nil)
            #expect(training?.unit == "step")
            try await store.record(
                TrainingUpdate(state: .running, points: [], totalSteps: nil, etaSeconds: nil, log: [], offset: 11),
                job: job.id)
            #expect(try await store.jobs(useCase: "colour")[0].phase == "training")
            try await store.setPhase(.comparing, of: job.id)
            let comparing = try await store.statuses(useCase: "colour")[0].progress
            #expect(comparing?.phase == "golden check" && comparing?.done == 4 && comparing?.rate == nil)
            let view = try await store.jobs(useCase: "colour")[0]
            #expect(view.phase == "golden check" && view.secondsPerStep == 12.5)
            try await store.finishJob(job.id, state: .cancelled, adapter: nil, error: nil)
            try await store.setPhase(.comparing, of: job.id)
            #expect(try await store.jobs(useCase: "colour")[0].phase == nil)
        }
    }

    @Test("a job of a use case that was cancelled waits for no place", arguments: [CycleEvent.cancelled, .retired])
    func stopped(event: CycleEvent) async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await Self.trainingCycle(fixture)
            let job = try await store.openJob(cycle: cycle.id, attempt: 1, intent: "colour-1-1", executor: "local")
            try await store.setPhase(.waiting, of: job.id)
            #expect(try await store.jobs(useCase: "colour")[0].phase == "waiting for a place")
            try await fixture.advance(cycle, by: event)
            #expect(try await store.jobs(useCase: "colour")[0].phase == nil)
        }
    }

    @Test("status tells of the attempt under way, though a job of one before is still open and further on")
    func attempts() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await Self.trainingCycle(fixture)
            let old = try await store.openJob(cycle: cycle.id, attempt: 1, intent: "colour-1-1", executor: "local")
            try await store.recordSubmission(old.id, externalID: "x-1")
            let update = TrainingUpdate(
                state: .running, points: [], totalSteps: 8, etaSeconds: 49, log: [], offset: 10, phase: .training)
            try await store.record(update, job: old.id)
            let cancelled = try await fixture.advance(cycle, by: .cancelled)
            try await fixture.advance(cancelled, by: .retried)
            #expect(try await store.statuses(useCase: "colour")[0].progress == nil)
            #expect(try await store.openJobs(of: cycle.id, purpose: .final, before: 2).map(\.id) == [old.id])

            let job = try await store.openJob(cycle: cycle.id, attempt: 2, intent: "colour-1-2", executor: "local")
            try await store.setPhase(.waiting, of: job.id)
            let progress = try await store.statuses(useCase: "colour")[0].progress
            #expect(progress?.what == "training 2" && progress?.phase == "waiting for a place")
            #expect(try await store.openJobs(of: cycle.id, purpose: .trial, before: 2).isEmpty)
            try await store.finishJob(old.id, state: .cancelled, adapter: nil, error: nil)
            #expect(try await store.openJobs(of: cycle.id, purpose: .final, before: 2).isEmpty)
        }
    }

    @Test("a job that failed its golden check runs again, any other that ended does not; the latest check counts")
    func reopened() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await Self.trainingCycle(fixture)
            let job = try await store.openJob(cycle: cycle.id, attempt: 1, intent: "colour-1-1", executor: "local")
            #expect(try await store.golden(of: job.id) == nil)
            try await store.recordSubmission(job.id, externalID: "x-1")
            let facts = AdapterFacts(
                digest: Digest(of: "adapter"), rank: 8, alpha: 16, targetModules: ["q_proj"], sizeBytes: 9)
            let difference = GoldenDifference(prompt: "a\u{0}b", trained: "x", served: "y", baseAgrees: true)
            let failed = GoldenCheck(
                prompts: 10, agreeing: 2, differingFromBase: 8, bar: 0.6, basePrompts: 10, baseAgreeing: 9,
                changedByTraining: 8, differences: [difference])
            try await store.storeAdapter(facts, job: job.id, base: Digest(of: "base"), golden: failed)
            try await store.finishJob(
                job.id, state: .failed, adapter: facts.digest, error: FledgeError("adapter.golden_mismatch", "2 of 10"))
            let found = try await store.openJob(cycle: cycle.id, attempt: 1, intent: "colour-1-1", executor: "local")
            #expect(found.state == .failed && found.errorCode == "adapter.golden_mismatch")
            #expect(try await store.golden(of: job.id)?.differences?.count == 1)
            try await store.reopenJob(job.id)
            let open = try #require(try await store.runningJob(of: cycle.id))
            #expect(open.id == job.id && open.errorCode == nil)
            #expect(try await store.jobs(useCase: "colour")[0].phase == "preparing")

            let passed = GoldenCheck(prompts: 10, agreeing: 9, differingFromBase: 8, bar: 0.6, differences: [])
            try await store.storeAdapter(facts, job: job.id, base: Digest(of: "base"), golden: passed)
            #expect(try await store.golden(of: job.id) == passed)
            try await store.finishJob(job.id, state: .failed, adapter: nil, error: FledgeError("training.x", "y"))
            try await store.reopenJob(job.id)
            #expect(try await store.runningJob(of: cycle.id) == nil)
        }
    }
}

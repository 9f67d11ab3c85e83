import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation
import Testing

@Suite("Training, gates and releases in PostgreSQL")
struct StoresReleaseTests {
    @Test("a gate is stored once for its look and comes back to the last bit, with infinite bounds")
    func gates() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            let candidate = StoresFixture.candidate("zero-shot")
            let experiment = try await fixture.store.openExperiment(
                cycle: cycle.id, purpose: .gate, round: 1, candidates: [candidate], plannedCalls: 1)
            try await fixture.store.storeGate(StoresFixture.gate(candidate), cycle: cycle.id, experiment: experiment.id)
            try await fixture.store.storeGate(
                StoresFixture.gate(candidate, verdict: .failed), cycle: cycle.id, experiment: experiment.id)
            #expect(try await fixture.store.gates(of: cycle.id) == [StoresFixture.gate(candidate)])
            #expect(try await fixture.store.statuses(useCase: "colour")[0].lastGate == StoresFixture.gate(candidate))
            let evidence = DecisionEvidence(
                gate: StoresFixture.gate(candidate), roundScores: [0.25], roundsMaximum: 3, plateauRounds: nil,
                plateauMinimumGain: 0.01, isBudgetSpent: false, trainingExamples: 1, minimumTrainingExamples: 100,
                mayFineTune: true, trainingsDone: 0)
            var decision = Decision(
                kind: .needsData, summary: "s", rules: [.init(name: "r", holds: false, statement: "t")],
                missing: ["rows"],
                evidence: evidence)
            for _ in 0..<2 { try await fixture.store.storeDecision(decision, cycle: cycle.id, look: 1) }
            decision.number = 1
            #expect(try await fixture.store.decisions(of: cycle.id) == [decision])
            #expect(try await fixture.store.decision(1, of: cycle.useCase) == decision)
            #expect(try await fixture.store.decision(2, of: cycle.useCase) == nil)
        }
    }

    @Test("a training job is one intent, and what is read twice of its log is stored once")
    func training() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            let job = try await store.openJob(cycle: cycle.id, attempt: 1, intent: "colour-1-1", executor: "local")
            let again = try await store.openJob(cycle: cycle.id, attempt: 1, intent: "another", executor: "local")
            #expect(again == job && job.state == .intended && job.externalID == nil)
            try await store.recordSubmission(job.id, externalID: "x-1")
            let points = [
                TrainingPoint(step: 1, loss: 2, validationLoss: nil, tokensPerSecond: 50, elapsedSeconds: 1),
                TrainingPoint(step: 2, loss: 1, validationLoss: nil, tokensPerSecond: 50, elapsedSeconds: 2),
                TrainingPoint(step: 2, loss: nil, validationLoss: 1.5, tokensPerSecond: nil, elapsedSeconds: 2),
            ]
            let update = TrainingUpdate(
                state: .running, points: points, totalSteps: 10, etaSeconds: 8, log: ["one", "two"], offset: 100)
            for _ in 0..<2 { try await store.record(update, job: job.id) }
            #expect(try await store.log(of: job.id) == ["one", "two"])
            let stored = try await store.points(of: job.id)
            #expect(stored.map(\.step) == [1, 2] && stored[1].loss == 1 && stored[1].validationLoss == 1.5)
            // Somebody who has lost the work, and reads it from further back.
            let late = TrainingUpdate(
                state: .running,
                points: [TrainingPoint(step: 2, loss: 9, validationLoss: 9, tokensPerSecond: 9, elapsedSeconds: 99)],
                totalSteps: 10, etaSeconds: 8, log: [], offset: 100)
            try await store.record(late, job: job.id)
            #expect(try await store.points(of: job.id) == stored)
            let running = try #require(try await store.runningJob(of: cycle.id))
            #expect(running.state == .running && running.offset == 100 && running.externalID == "x-1")

            let facts = AdapterFacts(
                digest: Digest(of: "adapter"), rank: 8, alpha: 16, targetModules: ["q_proj"], sizeBytes: 9)
            let golden = GoldenCheck(prompts: 10, agreeing: 9, differingFromBase: 8, bar: 0.9)
            try await store.storeAdapter(facts, job: job.id, base: Digest(of: "base"), golden: golden)
            try await store.finishJob(job.id, state: .finished, adapter: facts.digest, error: nil)
            try await store.finishJob(job.id, state: .failed, adapter: nil, error: FledgeError("late", "too late"))
            #expect(try await store.runningJob(of: cycle.id) == nil)
            let view = try await store.jobs(useCase: "colour")[0]
            #expect(view.state == .finished && view.adapter == facts.digest && view.goldenAgreement == 0.9)
            #expect(view.steps == 2 && view.totalSteps == 10 && view.loss == 1 && view.validationLoss == 1.5)
            #expect(try await store.adaptersLastUsed(9, of: nil) == [facts.digest])
            #expect(try await store.adaptersLastUsed(9, of: Digest(of: "base")) == [facts.digest])
            #expect(try await store.adaptersLastUsed(9, of: Digest(of: "another base")) == [])
        }
    }

    @Test("a release is made once for its cycle and candidate, and the champion points at it")
    func releases() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            let first = StoresFixture.candidate("zero-shot")
            let second = StoresFixture.candidate("few-shot")
            for candidate in [first, second] { try await store.register(candidate) }
            let made = try await withThrowingTaskGroup(of: Release.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await store.makeRelease(StoresFixture.bundle(first), cycle: cycle.id) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(made.map(\.id)).count == 1 && made.allSatisfy { $0.number == 1 && $0.isChampion })
            #expect(made[0].bundle == StoresFixture.bundle(first))
            let next = try await store.makeRelease(StoresFixture.bundle(second), cycle: cycle.id)
            #expect(next.number == 2 && next.isChampion)
            #expect(try await store.releases(of: cycle.useCase).map(\.isChampion) == [false, true])
            let back = try await store.moveChampion(of: cycle.useCase, to: 1, actor: "ada", reason: "worse")
            #expect(back.number == 1 && back.isChampion)
            #expect(try await store.statuses(useCase: nil)[0].release == 1)
            #expect(try await fixture.rowCount("pointer_move") == 3)
            let failure = await code {
                _ = try await store.moveChampion(of: cycle.useCase, to: 9, actor: "ada", reason: "x")
            }
            #expect(failure == "release.unknown")
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation
import PostgresClient
import Testing

@Suite("Experiments and samples in PostgreSQL")
struct StoresExperimentTests {
    private static let candidates = [StoresFixture.candidate("zero-shot"), StoresFixture.candidate("few-shot/2")]

    private static func open(_ fixture: StoresFixture) async throws -> (Cycle, Experiment, [Example]) {
        let cycle = try await fixture.startedCycle()
        let experiment = try await fixture.store.openExperiment(
            cycle: cycle.id, purpose: .search, round: 1, candidates: candidates, plannedCalls: 8)
        return (cycle, experiment, try await fixture.store.examples(of: cycle.snapshot, in: .prototype))
    }

    @Test("an experiment is made once, with the candidates that it was made with, in order")
    func openOnce() async throws {
        try await StoresFixture.run { fixture in
            let (cycle, first, _) = try await Self.open(fixture)
            #expect(first.candidates == Self.candidates && !first.isFinished)
            #expect(first.candidates.map(\.id) == Self.candidates.map(\.id), "the content hash survives jsonb")
            let others = (0..<8).map { _ in [StoresFixture.candidate("other")] }
            try await withThrowingTaskGroup(of: Experiment.self) { group in
                for other in others {
                    group.addTask {
                        try await fixture.store.openExperiment(
                            cycle: cycle.id, purpose: .search, round: 1, candidates: other, plannedCalls: 1)
                    }
                }
                for try await again in group { #expect(again == first) }
            }
            try await fixture.store.finishExperiment(first.id)
            #expect(try await fixture.store.searches(of: cycle.id).map(\.isFinished) == [true])
            #expect(try await fixture.store.experiment(cycle: cycle.id, purpose: .gate, round: 1) == nil)
            #expect(try await fixture.store.candidate(Self.candidates[1].id) == Self.candidates[1])
        }
    }

    @Test("the same content under another name keeps its identity and shows the name of each experiment")
    func names() async throws {
        try await StoresFixture.run { fixture in
            let (cycle, _, _) = try await Self.open(fixture)
            var renamed = Self.candidates[0]
            renamed.name = "chosen"
            let gate = try await fixture.store.openExperiment(
                cycle: cycle.id, purpose: .gate, round: 1, candidates: [renamed], plannedCalls: 1)
            #expect(gate.candidates.map(\.name) == ["chosen"] && gate.candidates[0].id == Self.candidates[0].id)
            #expect(try await fixture.rowCount("candidate") == 2)
        }
    }

    @Test("samples written twice are there once, and so are their totals")
    func samplesOnce() async throws {
        try await StoresFixture.run { fixture in
            let (cycle, experiment, examples) = try await Self.open(fixture)
            let samples = [
                StoresFixture.sample(Self.candidates[0], examples[0].id, primary: 1),
                StoresFixture.sample(Self.candidates[0], examples[1].id, primary: 0),
                // A repeat is paid for, and says nothing new about the score.
                StoresFixture.sample(Self.candidates[0], examples[0].id, repeat: 1, primary: 1),
                StoresFixture.sample(Self.candidates[1], examples[0].id, primary: 1, fromCache: true),
                StoresFixture.sample(Self.candidates[1], examples[1].id, output: nil),
            ]
            let answer = Completion(
                text: "nul \0 and \u{1F600}", finishReason: "stop", promptTokens: 10, cachedTokens: 4,
                completionTokens: 2,
                latencyMicroseconds: 1500)
            let request = Digest(of: "request")
            let batch = SampleBatch(experiment: experiment.id, samples: samples, answers: [request: answer])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { try await fixture.store.write(batch) } }
                try await group.waitForAll()
            }
            #expect(try await Set(fixture.store.samples(of: experiment.id)) == Set(samples))
            #expect(
                try await fixture.store.spend(of: cycle.id) == CycleSpend(calls: 4, tokens: 48, costMicroDollars: 28))
            let cached = try await fixture.store.cachedAnswers(for: [request, Digest(of: "other")])
            #expect(cached.count == 1 && cached[request]?.text == "nul \u{FFFD} and \u{1F600}")
            let scores = try await fixture.store.experiments(useCase: cycle.useCase)
            #expect(
                scores.map(\.score) == [0.5, 1] && scores.map(\.errors) == [0, 1] && scores.map(\.samples) == [2, 1])
            #expect(scores.map(\.costMicroDollars) == [21, 7] && scores[0].medianLatencySeconds == 0.0015)
        }
    }

    @Test("a batch is written whole or not at all")
    func batchIsAtomic() async throws {
        try await StoresFixture.run { fixture in
            let (_, experiment, examples) = try await Self.open(fixture)
            let stranger = StoresFixture.sample(StoresFixture.candidate("stranger"), examples[0].id)
            let good = StoresFixture.sample(Self.candidates[0], examples[0].id)
            let batch = SampleBatch(experiment: experiment.id, samples: [good, stranger], answers: [:])
            let failure = await code { try await fixture.store.write(batch) }
            #expect(failure == "database.failed")
            #expect(try await fixture.store.samples(of: experiment.id).isEmpty)
        }
    }

    @Test("status shows the progress, the best candidate and the spend of the cycle under way")
    func status() async throws {
        try await StoresFixture.run { fixture in
            let (cycle, experiment, examples) = try await Self.open(fixture)
            _ = try await fixture.useCase("untouched")
            let samples = examples.flatMap { example in
                [
                    StoresFixture.sample(Self.candidates[0], example.id, primary: 0),
                    StoresFixture.sample(Self.candidates[1], example.id, primary: 1),
                ]
            }
            try await fixture.store.write(SampleBatch(experiment: experiment.id, samples: samples, answers: [:]))
            let statuses = try await fixture.store.statuses(useCase: nil)
            #expect(statuses.map(\.name) == ["colour", "untouched"])
            let status = statuses[0]
            #expect(status.bestPrototypeScore == 1 && status.bestCandidate == "few-shot/2")
            #expect(status.callsMade == 4 && status.costMicroDollars == 28 && status.owner == "paint")
            #expect(status.progress?.done == 4 && status.progress?.total == 8)
            #expect(status.progress?.rate != nil && status.progress?.etaSeconds != nil)
            #expect(status.state == cycle.state && status.cycle == 1 && status.revision == 1)
            #expect(statuses[1].cycle == 0 && statuses[1].revision == 1 && statuses[1].progress == nil)
        }
    }
}

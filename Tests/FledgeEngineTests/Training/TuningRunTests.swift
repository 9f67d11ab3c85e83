import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Testing

@Suite struct TuningRunTests {
    /// Seven of ten right, three more with the right learning rate, and all of them after training on everything.
    @Sendable private static func skill(_ specification: TrainingSpec) -> Int {
        let rows = specification.rows.count + specification.validationRows.count
        return rows == EngineFixture.trainingCount || specification.lora.learningRate == 2e-3
            ? 10 : specification.lora.rank == 16 ? 8 : 7
    }

    private static func definition(_ change: (inout FineTuneDefinition) -> Void) -> UseCaseDefinition {
        var definition = EngineFixture.definition()
        var fineTune = FineTuneDefinition(minimumExamples: 100)
        change(&fineTune)
        definition.fineTune = fineTune
        return definition
    }

    private static let swept = definition {
        $0.sweep = SweepDefinition(ranks: [4, 8, 16], learningRates: [5e-4, 2e-3], trials: 6)
    }

    @Test("a sweep's best setting, by the task's metric on examples not learnt from, makes the adapter")
    func sweep() async throws {
        try await EngineFixture.run(promptsWork: false, skill: Self.skill) { fixture in
            try await fixture.apply(Self.swept)
            try await fixture.work { $0.isLive }
            let jobs = try await fixture.control.jobs(name: "parity")
            let trials = jobs.filter { $0.purpose == .trial }
            #expect(jobs.count == trials.count + 1 && fixture.training.submissions.count == jobs.count)
            #expect(trials.allSatisfy { $0.state == .finished && $0.score != nil && $0.adapter == nil })
            let final = try #require(fixture.training.submissions.last.flatMap(fixture.training.specification))
            #expect(final.lora.learningRate == 2e-3)
            #expect(final.rows.count + final.validationRows.count == EngineFixture.trainingCount)

            let explanation = try await fixture.control.explain(name: "parity")
            let sweep = try #require(explanation.sweeps?.first)
            #expect(sweep.isCrossValidated && sweep.rungs == [1, 2, 5] && sweep.trials.count == 6)
            #expect(sweep.chosen == sweep.trials[0].trial && sweep.trials[0].score == 1)
            #expect(sweep.trials[0].answers == EngineFixture.trainingCount)
            #expect(sweep.jobs == trials.count && sweep.seconds == Double(trials.count))
            #expect(explanation.releases.first?.bundle.candidate.adapter == Digest(of: "adapter"))

            for intent in fixture.training.submissions.dropLast() {
                let trial = try #require(fixture.training.specification(of: intent))
                let asked = Set(trial.golden.compactMap { $0.messages.last?.content })
                #expect(
                    asked.isDisjoint(with: (trial.rows + trial.validationRows).compactMap { $0.messages.last?.content })
                )
                #expect(asked.isSubset(of: try await fixture.inputs(of: .training)))
            }
        }
    }

    @Test(
        "a sweep that is cut off at any submission goes on to the same choice with one job an intent",
        arguments: [1, 4, 9])
    func interrupted(at submission: Int) async throws {
        try await EngineFixture.run(promptsWork: false, skill: Self.skill) { fixture in
            try await fixture.apply(Self.swept)
            fixture.training.holdAfterSubmission(submission)
            try await fixture.withWorker("first") { await fixture.training.submissionIsHeld() }
            try await fixture.work(as: "second") { $0.isLive }
            #expect(Set(fixture.training.submissions).count == fixture.training.submissions.count)
            let jobs = try await fixture.control.jobs(name: "parity")
            #expect(jobs.count == fixture.training.submissions.count)
            let sweep = try #require(try await fixture.control.explain(name: "parity").sweeps?.first)
            #expect(
                sweep.trials.count == 6 && sweep.trials[0].setting.learningRate == 2e-3 && sweep.jobs == jobs.count - 1)
        }
    }

    @Test("a diverging trial is out, and a sweep of nothing else fails with its code")
    func diverging() async throws {
        try await EngineFixture.run(promptsWork: false, skill: Self.skill) { fixture in
            fixture.training.fail { $0.learningRate == 2e-3 }
            try await fixture.apply(Self.swept)
            try await fixture.work { $0.isLive }
            let sweep = try #require(try await fixture.control.explain(name: "parity").sweeps?.first)
            #expect(sweep.trials[0].setting.rank == 16 && sweep.trials[0].setting.learningRate == 5e-4)
            #expect(sweep.trials.count { $0.score == nil } == 3)
        }
        try await EngineFixture.run(promptsWork: false) { fixture in
            fixture.training.fail { _ in true }
            try await fixture.apply(Self.swept)
            #expect(try await fixture.work { $0.isBlocked }.block?.code == "training.diverged")
        }
    }

    @Test("with many examples, the best trial's adapter has learnt from enough of them to be taken as it is")
    func adapterTaken() async throws {
        try await EngineFixture.run(promptsWork: false, trainingCount: 2100, skill: Self.skill) { fixture in
            try await fixture.apply(Self.swept)
            try await fixture.work { $0.isLive }
            let jobs = try await fixture.control.jobs(name: "parity")
            #expect(jobs.allSatisfy { $0.purpose == .trial })
            #expect(jobs.compactMap(\.adapter) == [Digest(of: "adapter")])
            let kept = try #require(jobs.first { $0.adapter != nil })
            #expect(kept.run?.setting.learningRate == 2e-3 && kept.run?.rows == 1900)
            let sweep = try #require(try await fixture.control.explain(name: "parity").sweeps?.first)
            #expect(!sweep.isCrossValidated && sweep.trials[0].answers == 200)
        }
    }

    @Test("a pilot runs before the decision to fine-tune, and its points are kept")
    func pilot() async throws {
        let definition = Self.definition { $0.pilot = PilotDefinition(sizes: [20, 40, 80], seeds: [1, 2]) }
        let skill: @Sendable (TrainingSpec) -> Int = { specification in
            let rows = specification.rows.count + specification.validationRows.count
            return rows >= 100 ? 10 : rows / 10
        }
        try await EngineFixture.run(promptsWork: false, skill: skill) { fixture in
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            let cycle = try await fixture.cycle()
            let points = try await fixture.store.learningCurve(of: cycle.id, upTo: 1)
            #expect(points.map(\.examples) == [20, 40, 80])
            #expect(points.map(\.count) == [60, 60, 60])
            #expect(zip(points.map(\.score), [0.2, 0.4, 0.8]).allSatisfy { abs($0 - $1) < 1e-9 })
            let jobs = try await fixture.control.jobs(name: "parity")
            #expect(jobs.map(\.purpose) == [.pilot, .pilot, .pilot, .pilot, .pilot, .pilot, .final])
            #expect(try await fixture.control.explain(name: "parity").decisions.map(\.kind) == [.fineTune, .promote])
        }
    }

    @Test("no pilot runs where prompts are enough")
    func noPilot() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(Self.definition { $0.pilot = PilotDefinition(sizes: [20, 40, 80]) })
            try await fixture.work { $0.isLive }
            #expect(fixture.training.submissions == [])
        }
    }
}

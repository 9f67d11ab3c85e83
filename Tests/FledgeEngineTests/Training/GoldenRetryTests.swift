import FledgeCore
import FledgeDocument
import Testing

@testable import FledgeEngine

@Suite("A golden check that fails", .timeLimit(.minutes(15)))
struct GoldenRetryTests {
    @Test("is shown with both answers, and a retry compares again under the same attempt, without training")
    func comparedAgain() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            fixture.training.convertWrongly()
            fixture.training.baseAnswers(with: "even")
            try await fixture.apply()
            let blocked = try await fixture.work { $0.isBlocked }
            #expect(blocked.block?.code == "adapter.golden_mismatch" && blocked.trainings == 1)
            let failed = try #require(try await fixture.control.jobs(name: "parity").first)
            #expect(failed.state == .failed && failed.goldenAgreement == 0 && failed.adapter != nil)
            #expect(blocked.block?.message.contains("fledge jobs golden \(failed.id)") == true)
            let check = try await fixture.control.golden(job: failed.id)
            let asked = try #require(fixture.training.specifications.first?.basePrompts)
            #expect(check.basePrompts == asked && check.baseAgreeing == asked && check.agreeing == 0)
            #expect(check.differences?.count == asked)
            #expect(check.likelihood?.unknown?.contains("the trainer gave no log-probabilities") == true)
            let difference = try #require(check.differences?.first)
            #expect(difference.trained == "neither" && ["EVEN", "ODD"].contains(difference.served))
            #expect(try await fixture.inputs(of: .training).contains(difference.prompt))

            fixture.training.scoreAnswers()
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            let live = try await fixture.work { $0.isLive }
            #expect(live.trainings == 1)
            #expect(fixture.training.submissions.count == 1)
            #expect(fixture.training.answeredAgain == fixture.training.submissions)
            let finished = try await fixture.control.jobs(name: "parity")
            #expect(finished.map(\.state) == [.finished] && finished.first?.errorCode == nil)
            let passed = try await fixture.control.golden(job: failed.id)
            #expect(passed.differences == [] && passed.likelihood?.figures == nil)
            #expect(passed.likelihood?.unknown == "servers of this kind score no answer that they are given")
        }
    }

    @Test("is repeated on a sweep's adapter that was taken as it is, and no trial runs again")
    func sweep() async throws {
        try await EngineFixture.run(promptsWork: false, trainingCount: 2100) { fixture in
            var definition = EngineFixture.definition()
            definition.fineTune = FineTuneDefinition(
                minimumExamples: 100, sweep: SweepDefinition(ranks: [4, 8], learningRates: [5e-4], trials: 2))
            fixture.training.convertWrongly()
            try await fixture.apply(definition)
            let blocked = try await fixture.work { $0.isBlocked }
            #expect(blocked.block?.code == "adapter.golden_mismatch")
            let trials = fixture.training.submissions
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isLive }
            #expect(fixture.training.submissions == trials && fixture.training.answeredAgain.count == 1)
        }
    }

    @Test("a job of the version before keeps its name: what the base is asked besides is no part of it")
    func fingerprint() throws {
        var specification = TrainingSpec(
            baseWeights: BaseWeights(path: "/w.gguf", sha256: Digest(of: "w")), lora: LoRADefinition(),
            limitSeconds: 60, rows: [], validationRows: [], golden: [], maximumTokens: 8)
        let before = TrainingPlan.fingerprint(of: specification)
        #expect(!CanonicalJSON.text(of: specification).contains("basePrompts"))
        specification.basePrompts = 32
        #expect(TrainingPlan.fingerprint(of: specification) == before)
    }

    @Test("a job that was never compared has no golden check")
    func none() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            let error = await #expect(throws: FledgeError.self) {
                try await fixture.control.golden(job: TrainingJobID(7))
            }
            #expect(error?.code == "job.no_golden_check")
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import Testing

@Suite struct CycleRunTests {
    @Test("a use case that prompts solve reaches production without training")
    func promptsAlone() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let explanation = try await fixture.control.explain(name: "parity")
            #expect(explanation.gates.map(\.verdict) == [.passed])
            #expect(explanation.decisions.map(\.kind) == [.promote])
            #expect(explanation.isHistoryIntact)
            let release = try #require(explanation.releases.first)
            #expect(release.isChampion && release.number == 1)
            #expect(release.bundle.candidate.adapter == nil)
            #expect(release.bundle.approvedBy == "automatic")
            #expect(fixture.training.submissions == [])
        }
    }

    @Test("the holdout is not asked before the gate, and the training split is never asked for a score")
    func holdoutStaysUnseen() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let searched = fixture.models.inputs.prefix(EngineFixture.prototypeCount)
            let judged = fixture.models.inputs.dropFirst(EngineFixture.prototypeCount)
            #expect(Set(searched) == (try await fixture.inputs(of: .prototype)))
            #expect(Set(judged) == (try await fixture.inputs(of: .holdout)))
            #expect(judged.count == EngineFixture.holdoutCount)
        }
    }

    @Test("a use case that prompts do not solve is fine-tuned, judged again, and released with its adapter")
    func fineTuned() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let explanation = try await fixture.control.explain(name: "parity")
            #expect(explanation.gates.map(\.verdict) == [.failed, .passed])
            #expect(explanation.gates.map(\.look) == [1, 2])
            #expect(explanation.decisions.map(\.kind) == [.fineTune, .promote])
            #expect(explanation.releases.first?.bundle.candidate.adapter == Digest(of: "adapter"))
            let specification = try #require(fixture.training.specifications.first)
            let learnt = Set(
                (specification.rows + specification.validationRows).compactMap { $0.messages.last?.content })
            #expect(learnt == (try await fixture.inputs(of: .training)))
            let rows = Set(specification.rows.compactMap { $0.messages.last?.content })
            #expect(rows.isDisjoint(with: specification.validationRows.compactMap { $0.messages.last?.content }))
            let told = explanation.decisions.map { decision in
                decision.rules.first { $0.name == "rows-fit" }?.statement
            }
            #expect(
                told == [
                    nil, "2 of 160 training rows (1.3%) have more than 2048 tokens: they were left out",
                ])
        }
    }

    @Test("a use case that may not be fine-tuned stops, and says what is missing")
    func stops() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply(EngineFixture.definition(fineTunes: false))
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "stopped")
            let decision = try await fixture.control.explain(name: "parity").decisions.first
            #expect(decision?.missing == ["a FineTune block in the definition"])
        }
    }

    @Test("a failed training blocks with its code, and a retry submits another job")
    func trainingFails() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            fixture.training.end(
                with: .failed(code: "training.diverged", message: "the loss is not a number", isTransient: false))
            try await fixture.apply()
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "training.diverged")
            fixture.training.end(with: nil)
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isLive }
            #expect(Set(fixture.training.submissions).count == 2)
        }
    }

    @Test(
        "what a person has to mend blocks the cycle with its code, without a second try, until it is set right",
        arguments: ["model.unauthorized", "model.adapter_missing"])
    func waitsForPerson(code: String) async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            fixture.models.fail(with: FledgeError(.init(rawValue: code), "the key or the adapter is not there"))
            try await fixture.apply()
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == code)
            #expect(fixture.models.calls.count == 1)
            fixture.models.fail(with: nil)
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isLive }
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Testing

@Suite("Answers that never come") struct MissingAnswersRunTests {
    private static func none(_ shortfall: AnswerShortfall, text: String = "") -> Completion {
        Completion(
            text: text, finishReason: "stop", promptTokens: 12, cachedTokens: 0, completionTokens: 4,
            latencyMicroseconds: 1000, shortfall: shortfall)
    }

    private static let definition = EngineFixture.definition(fineTunes: false)

    /// What would be seen of an undisturbed run.
    private static func expectSound(_ fixture: EngineFixture) async throws {
        let gate = try #require(try await fixture.control.explain(name: "parity").gates.first)
        #expect(gate.verdict == .passed && gate.criteria.first?.value == 1)
        #expect(gate.criteria.first?.count == EngineFixture.holdoutCount)
        #expect(gate.prototypeScore == 1)
        let looks = try await fixture.control.holdout(name: "parity").looks
        #expect(looks.map(\.isWithdrawn) == [false] && looks.map(\.verdict) == [.passed])
    }

    @Test(
        "a shortfall of too many answers blocks before the holdout is touched, is named, and is asked for again",
        arguments: AnswerShortfall.allCases)
    func beforeTheHoldout(_ shortfall: AnswerShortfall) async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            fixture.models.misbehave { _, number in number.isMultiple(of: 2) ? Self.none(shortfall) : nil }
            try await fixture.apply(Self.definition)
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "answers.missing" && state.looks == 0)
            #expect(state.block?.message.contains("20 of 40 answers are missing") == true)
            #expect(state.block?.message.contains(shortfall.rawValue) == true)
            let explanation = try await fixture.control.explain(name: "parity")
            #expect(explanation.gates.isEmpty && explanation.decisions.isEmpty)
            #expect(explanation.missing?.map(\.answers.count) == [20])
            #expect(try await fixture.control.holdout(name: "parity").looks.isEmpty)
            let asked = fixture.models.calls.count
            fixture.models.misbehave(nil)
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isLive }
            // What was answered is not asked again; what was paid for nothing stays paid.
            #expect(fixture.models.calls.count == asked + 20 + EngineFixture.holdoutCount)
            let spent = try await fixture.control.spends(name: "parity").first?.total.calls
            #expect(spent == Int64(fixture.models.calls.count))
            try await Self.expectSound(fixture)
        }
    }

    @Test(
        "a question that cannot be asked is counted apart, at most so many, and neither right nor wrong",
        arguments: ["model.context_overflow", "model.filtered"])
    func apart(code: String) async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let holdout = Set((1...2).map { "number \($0)" })
            fixture.models.misbehave { request, number in
                // Two of the holdout: 3.3 %.
                if number > EngineFixture.prototypeCount, number <= EngineFixture.prototypeCount + holdout.count {
                    throw FledgeError(.init(rawValue: code), "no", exitCode: .badData)
                }
                return nil
            }
            try await fixture.apply(Self.definition)
            try await fixture.work { $0.isLive }
            let explanation = try await fixture.control.explain(name: "parity")
            let criterion = try #require(explanation.gates.first?.criteria.first)
            #expect(criterion.value == 1 && criterion.count == 58)
            #expect(criterion.detail?.contains("2 without an answer") == true)
            let worst = Bounds.clopperPearson(successes: 58, trials: 60, alpha: criterion.alpha)
            #expect(criterion.lower == worst.lower && criterion.upper == 1)
            #expect(explanation.missing?.first?.answers.causes == [.init(code: code, count: 2)])
            let scores = try await fixture.control.experiments(name: "parity")
            #expect(scores.last?.score == 1 && scores.last?.errors == 2 && scores.last?.missing?.count == 2)
        }
    }

    @Test("a label is an answer, however it ended: a wrong one is wrong")
    func labels() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            fixture.models.misbehave { _, number in number.isMultiple(of: 2) ? Self.none(.cutOff, text: "even") : nil }
            try await fixture.apply(Self.definition)
            try await fixture.work { $0.isLive || $0.isBlocked }
            let scores = try await fixture.control.experiments(name: "parity")
            #expect(scores.first?.errors == 0 && scores.first?.samples == EngineFixture.prototypeCount)
            #expect((scores.first?.score ?? 1) < 1)
        }
    }

    @Test("at the gate, too many missing answers make an error that spends no look; retry judges the same look")
    func atTheGate() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            fixture.models.misbehave { _, number in
                number > EngineFixture.prototypeCount + 20 ? Self.none(.filtered) : nil
            }
            try await fixture.apply(Self.definition)
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "gate.answers_missing" && state.activity == .judging)
            let ledger = try await fixture.control.holdout(name: "parity")
            #expect(ledger.looks.map(\.isWithdrawn) == [true] && ledger.usable == EngineFixture.holdoutCount)
            #expect(try await fixture.control.explain(name: "parity").gates.isEmpty)
            // Nobody sees what the look saw.
            #expect(try await fixture.control.experiments(name: "parity").last?.score == nil)
            fixture.models.misbehave(nil)
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isLive }
            try await Self.expectSound(fixture)
        }
    }

    @Test(
        "a refusal of the set-up or the account ends the work at once, wherever it comes, and moves nothing",
        arguments: [
            "model.bad_request", "model.no_credit", "model.unauthorized", "model.template", "model.wrong_address",
        ], [1, 30, 50])
    func wholeSetUp(code: String, from first: Int) async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            fixture.models.misbehave { _, number in
                guard number >= first else { return nil }
                throw FledgeError(.init(rawValue: code), "status 400: what it said", exitCode: .badData)
            }
            try await fixture.apply(Self.definition)
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == code && state.block?.message.contains("what it said") == true)
            #expect(fixture.models.calls.count == first)
            let explanation = try await fixture.control.explain(name: "parity")
            #expect(explanation.gates.isEmpty && explanation.decisions.isEmpty)
            let ledger = try await fixture.control.holdout(name: "parity")
            #expect(ledger.usable == EngineFixture.holdoutCount)
            fixture.models.misbehave(nil)
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isLive }
            #expect(fixture.models.calls.count == EngineFixture.prototypeCount + EngineFixture.holdoutCount + 1)
            try await Self.expectSound(fixture)
        }
    }

    @Test("a server that fails now and then uses up no attempts as long as the work gets on")
    func progress() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            fixture.models.misbehave { _, number in
                if number.isMultiple(of: 12) {
                    throw FledgeError("model.overloaded", "busy", exitCode: .tryAgain)
                }
                return nil
            }
            try await fixture.apply(Self.definition)
            // Nine failures in all, where five attempts are the most.
            try await fixture.work { $0.isLive }
            try await Self.expectSound(fixture)
        }
    }

    @Test("usage that the server does not say is unknown: no criterion on it passes, and what was set aside is spent")
    func unknownUsage() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            fixture.models.misbehave { request, _ in
                Completion(
                    text: EngineFixture.label(of: request.input), finishReason: "stop", promptTokens: nil,
                    cachedTokens: 0, completionTokens: nil, latencyMicroseconds: 1000)
            }
            var definition = Self.definition
            definition.models[0].price = TokenPrice(
                promptMicroDollarsPerMillion: 1_000_000, completionMicroDollarsPerMillion: 1_000_000)
            definition.spend = SpendDefinition(costMicroDollars: 1_000_000, period: .month)
            definition.validation?.require += [
                CriterionDefinition(metric: .tokensPerCall, bound: .atMost(1000)),
                CriterionDefinition(metric: .costPerThousandCalls, bound: .atMost(100)),
            ]
            try await fixture.apply(definition)
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.activity == .deciding)
            let criteria = try #require(try await fixture.control.explain(name: "parity").gates.first?.criteria)
            #expect(criteria.map(\.verdict) == [.passed, .inconclusive, .inconclusive])
            #expect(criteria.map(\.value) == [1, nil, nil])
            let spend = try #require(try await fixture.control.spends(name: "parity").first)
            let calls = Int64(fixture.models.calls.count)
            #expect(spend.presumed?.calls == calls && spend.account?.presumed.calls == calls)
            #expect(spend.account?.settled.calls == 0)
            #expect(spend.total.costMicroDollars == spend.account?.used.costMicroDollars)
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Testing

@Suite("Gates: the holdout's ledger, the champion, slices and robustness") struct HoldoutLedgerTests {
    /// Another bar makes another revision.
    private static func definition(
        prompt: String = "plain", looks: Int = 2, _ change: (inout ValidationDefinition) -> Void = { _ in }
    ) -> UseCaseDefinition {
        var definition = EngineFixture.definition(fineTunes: false)
        definition.promptPrototype?.prompts = [
            PromptDefinition(name: prompt, system: "Think of \(prompt).", user: "{{text}}")
        ]
        definition.validation?.holdoutLooks = looks
        if var validation = definition.validation {
            change(&validation)
            definition.validation = validation
        }
        return definition
    }

    @Test("looks of all revisions share one budget, an exhausted one blocks promotion and says what it takes")
    func exhausted() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            for prompt in ["one", "two"] {
                try await fixture.apply(Self.definition(prompt: prompt))
                try await fixture.work { $0.isLive }
            }
            #expect(try await fixture.control.explain(name: "parity").gates.map(\.ledgerLook) == [2])
            try await fixture.apply(Self.definition(prompt: "three"))
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "holdout.exhausted")
            #expect(state.block?.message.contains("fresh labelled examples are needed") == true)
            let ledger = try await fixture.control.holdout(name: "parity")
            #expect(ledger.looks.map(\.cycle) == [1, 2])
            #expect(ledger.looks.map(\.share) == [0.5, 0.5] && ledger.looks.map(\.verdict) == [.passed, .passed])
            #expect(Set(ledger.looks.map(\.examplesSHA256)).count == 1)
            #expect(ledger.isExhausted && ledger.usable == 0 && ledger.freshNeeded == 17)
            // The champion stays what it was.
            let releases = try await fixture.control.releases(name: "parity")
            #expect(releases.first(where: \.isChampion)?.bundle.candidate.name == "two")
        }
    }

    @Test("the same candidate on the same examples is the same look again, and spends nothing")
    func sameLookAgain() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            for calls in [1001, 1002, 1003, 1004] {
                var definition = Self.definition(looks: 1)
                // Another budget asks for new evidence of the same candidate.
                definition.promptPrototype?.budget = BudgetDefinition(calls: calls)
                try await fixture.apply(definition)
                try await fixture.work { $0.isLive }
            }
            let ledger = try await fixture.control.holdout(name: "parity")
            #expect(ledger.looks.map(\.share) == [1, 0, 0, 0])
            #expect(try await fixture.control.explain(name: "parity").gates.map(\.ledgerLook) == [1])
        }
    }

    @Test("the first candidate has nothing to be compared with; the next is compared on the same examples")
    func champion() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let comparisons = [ComparisonDefinition(kind: .noWorse, margin: 0.2), .init(kind: .better, margin: 0)]
            try await fixture.apply(Self.definition(prompt: "one") { $0.comparisons = comparisons })
            try await fixture.work { $0.isLive }
            let first = try #require(try await fixture.control.explain(name: "parity").gates.first?.comparisons)
            #expect(
                first.map(\.detail) == Array(repeating: "there is no champion yet: nothing to compare with", count: 2))
            let asked = fixture.models.calls.count
            try await fixture.apply(Self.definition(prompt: "two") { $0.comparisons = comparisons })
            try await fixture.work { $0.isBlocked }
            let gate = try #require(try await fixture.control.explain(name: "parity").gates.first)
            #expect(gate.verdict == .inconclusive)
            #expect(gate.comparisons?.map(\.verdict) == [.passed, .inconclusive])
            #expect(gate.comparisons?.map(\.count) == [EngineFixture.holdoutCount, EngineFixture.holdoutCount])
            // The champion's answers came out of the response cache.
            #expect(fixture.models.calls.count == asked + EngineFixture.prototypeCount + EngineFixture.holdoutCount)
        }
    }

    @Test("a slice that fails is a veto, and its field need not be an input")
    func slices() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            // Most of the numbers are even; what the model answers is always even.
            let lines = (1...240).map { number in
                let isOdd = number % 4 == 0
                return
                    #"{"text": "number \#(2 * number)", "answer": "\#(isOdd ? "odd" : "even")", "kind": "\#(isOdd ? "rare" : "usual")"}"#
            }
            try lines.joined(separator: "\n").write(
                toFile: fixture.directory + "/data.jsonl", atomically: true, encoding: .utf8)
            let definition = Self.definition {
                $0.require = [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.5))]
                $0.slices = SlicesDefinition(fields: ["kind"], minimumExamples: 8)
            }
            try await fixture.apply(definition)
            try await fixture.work { $0.isBlocked }
            let gate = try #require(try await fixture.control.explain(name: "parity").gates.first)
            #expect(gate.criteria.map(\.verdict) == [.passed])
            #expect(gate.slices?.filter { $0.finding == .vetoed }.map(\.value) == ["rare"])
            #expect(gate.verdict == .failed)
        }
    }

    @Test("robustness asks the declared number of examples again, in other words")
    func robustness() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(
                Self.definition {
                    $0.require.append(
                        CriterionDefinition(
                            metric: .robustness([.letterCase, .reorderedChoices], examples: 30), bound: .atLeast(0.8)))
                })
            try await fixture.work { $0.isLive }
            let gate = try #require(try await fixture.control.explain(name: "parity").gates.first)
            #expect(gate.criteria.map(\.count) == [60, 30])
            #expect(gate.criteria.map(\.value) == [1, 1])
            #expect(
                fixture.models.calls.count == EngineFixture.prototypeCount + EngineFixture.holdoutCount + 30 * 2)
        }
    }
}

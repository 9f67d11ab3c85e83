import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Testing

@Suite struct SearchRunTests {
    private static let strategies: [SearchStrategy] = [
        .grid, .edits, .demonstrations(DemonstrationSearch(sets: 4, sizes: [2, 4])),
    ]

    private static func definition(
        _ strategies: [SearchStrategy] = strategies, budget: BudgetDefinition? = nil, rounds: Int = 1
    ) -> UseCaseDefinition {
        EngineFixture.definition(
            prototype: PromptPrototypeDefinition(
                prompts: [
                    PromptDefinition(name: "plain", system: "Even or odd?", user: "{{text}}"),
                    PromptDefinition(name: "shown", system: "Even or odd?", user: "{{text}}", demonstrations: 2),
                ],
                decoding: DecodingDefinition(maxTokens: 4, choices: .labels), rounds: RoundsDefinition(maximum: rounds),
                budget: budget, search: SearchDefinition(strategies: strategies)))
    }

    /// Right with four demonstrations, on every third number without; a reflection gives what it is told.
    private static func models(reflection: String = "") -> ScriptedModels {
        ScriptedModels(respond: { request in
            if request.input.contains("<instruction>") { return reflection }
            let input = request.input.split(separator: "\n").first.map(String.init) ?? ""
            let isRight =
                request.messages.count > 8 || request.messages.first?.content == "Count them well."
                || (Int(input.split(separator: " ").last ?? "") ?? 0) % 3 == 0
            return isRight ? EngineFixture.label(of: input) : "even"
        })
    }

    @Test("a race finds the prompt that works, and drops the others before they are scored on everything")
    func races() async throws {
        try await EngineFixture.run(Self.models()) { fixture in
            try await fixture.apply(Self.definition())
            try await fixture.work { $0.isLive }
            let scores = try await fixture.control.experiments(name: "parity").filter { $0.purpose == .search }
            let winners = scores.filter { ($0.note ?? "").hasPrefix("won with") }
            #expect(winners.count == 1)
            let winner = try #require(winners.first)
            #expect(winner.name.hasPrefix("shown/4."))
            #expect((winner.score ?? 0) > 0.99)
            let full = winner.samples
            // The four sets that work, and the baseline.
            #expect(scores.filter { $0.samples == full }.count <= 5)
            let baseline = try #require(scores.first)
            #expect(baseline.samples > 0 && baseline.lineage?.operation == "declared")
            for dropped in scores where dropped.note?.contains("dropped after") == true {
                #expect(dropped.samples < full && dropped.samples > 0)
            }
            #expect(
                scores.contains { $0.lineage?.operation == "demonstrations" && $0.lineage?.parentNames == ["shown"] })
            let release = try #require(try await fixture.control.explain(name: "parity").releases.first)
            #expect(release.bundle.candidate.demonstrations.count == 4)
            let finding = try #require(try await fixture.store.findings(of: try await fixture.cycle().id)[1])
            #expect(finding.headroom?.hasRoom == true)
            #expect((finding.race?.calls ?? .max) < (finding.race?.exhaustiveCalls ?? 0) * 3 / 4)
        }
    }

    @Test("where the first prompt is right everywhere, nothing else is scored")
    func noHeadroom() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(Self.definition())
            try await fixture.work { $0.isLive }
            let finding = try #require(try await fixture.store.findings(of: try await fixture.cycle().id)[1])
            #expect(finding.headroom?.hasRoom == false && finding.race == nil)
            let scores = try await fixture.control.experiments(name: "parity").filter { $0.purpose == .search }
            #expect(scores.filter { $0.samples > 0 }.map(\.name) == ["plain"])
        }
    }

    @Test("a race that is cut off goes on where it was, and pays for no recorded call again", arguments: [12, 70, 150])
    func resumes(_ cut: Int) async throws {
        let undisturbed = Self.models()
        try await EngineFixture.run(undisturbed) { fixture in
            try await fixture.apply(Self.definition())
            try await fixture.work { $0.isLive }
        }
        let models = Self.models()
        try await EngineFixture.run(models) { fixture in
            try await fixture.apply(Self.definition())
            models.hold(atCall: cut)
            try await fixture.withWorker("first") { await models.callIsHeld() }
            try await fixture.work(as: "second") { $0.isLive }
            #expect(models.calls.count == undisturbed.calls.count + 1)
            #expect(Set(models.calls) == Set(undisturbed.calls))
        }
    }

    @Test(
        "a budget is never passed, whether it is in calls or in tokens",
        arguments: [
            BudgetDefinition(calls: 90), BudgetDefinition(tokens: 1500),
        ])
    func budget(_ budget: BudgetDefinition) async throws {
        try await EngineFixture.run(Self.models()) { fixture in
            try await fixture.apply(Self.definition(budget: budget))
            try await fixture.work { $0.stage != .promptPrototype || $0.isBlocked }
            let scores = try await fixture.control.experiments(name: "parity").filter { $0.purpose == .search }
            let calls = scores.reduce(0) { $0 + $1.samples }
            let tokens = scores.reduce(0) { $0 + $1.promptTokens + $1.completionTokens }
            #expect(calls > 0 && calls <= budget.calls ?? .max && tokens <= budget.tokens ?? .max)
        }
    }

    @Test("reflection proposes an instruction, with its parent, and is paid from the budget")
    func reflects() async throws {
        let models = Self.models(reflection: "<instruction>Count them well.</instruction>")
        try await EngineFixture.run(models) { fixture in
            let reflect = SearchStrategy.reflect(ReflectionSearch(model: "small", proposals: 2))
            try await fixture.apply(Self.definition([.grid, reflect], rounds: 2))
            try await fixture.work { $0.isLive }
            let scores = try await fixture.control.experiments(name: "parity").filter { $0.purpose == .search }
            let proposed = scores.filter { $0.lineage?.operation == "reflect" }
            #expect(!proposed.isEmpty && proposed.allSatisfy { $0.lineage?.parents.count == 1 })
            #expect(proposed.contains { $0.note?.contains("won with") == true && $0.score == 1 })
            let asked = models.inputs.filter { $0.contains("<instruction>") }
            let spent = try await fixture.store.spend(of: try await fixture.cycle().id)
            #expect(spent.calls == models.calls.count && asked.count >= 2)
        }
    }

    @Test("a proposal that repeats an example is refused, and the record says why")
    func refusesCopies() async throws {
        let models = Self.models(
            reflection: "<instruction>Look for number 1 number 2 number three words.</instruction>")
        try await EngineFixture.run(models) { fixture in
            let lines = (1...240).map {
                #"{"text": "look for number 1 number \#($0)", "answer": "\#($0.isMultiple(of: 2) ? "even" : "odd")"}"#
            }
            try lines.joined(separator: "\n")
                .write(toFile: fixture.directory + "/data.jsonl", atomically: true, encoding: .utf8)
            let reflect = SearchStrategy.reflect(ReflectionSearch(model: "small", proposals: 1))
            try await fixture.apply(Self.definition([.grid, reflect], rounds: 2))
            try await fixture.work { $0.stage != .promptPrototype }
            let finding = try #require(try await fixture.store.findings(of: try await fixture.cycle().id)[2])
            #expect(finding.refused.first?.operation == "reflect")
            #expect(finding.refused.first?.reason.contains("consecutive words of the example in row") == true)
        }
    }
}

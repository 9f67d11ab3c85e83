import FledgeCore
import FledgeDocument
import Foundation
import Testing

@testable import FledgeEngine

@Suite("Preferences of the data", .timeLimit(.minutes(15)))
struct PreferenceRunTests {
    /// Two of three rows have a better and a worse answer.
    @Sendable private static func hasPair(_ input: String) -> Bool { !number(in: input).isMultiple(of: 3) }

    private static func number(in input: String) -> Int { Int(input.split(separator: " ").last ?? "") ?? 0 }

    /// - Parameter word: stands in the better answers.
    private static func write(to directory: String, word: String = "surely") throws {
        let count = EngineFixture.prototypeCount + EngineFixture.holdoutCount + EngineFixture.trainingCount
        let lines = (1...count).map { number in
            let input = "number \(number)"
            let pair = hasPair(input) ? #", "better": "\#(word) \#(number)", "worse": "perhaps \#(number)""# : ""
            return #"{"text": "\#(input)", "answer": "\#(EngineFixture.label(of: input))"\#(pair)}"#
        }
        try lines.joined(separator: "\n").write(toFile: directory + "/data.jsonl", atomically: true, encoding: .utf8)
    }

    private static func definition(_ personal: PersonalDataDefinition? = nil) -> UseCaseDefinition {
        var definition = EngineFixture.definition()
        definition.dataset?.preferences = PreferencesDefinition(chosen: "better", rejected: "worse")
        definition.dataset?.personalData = personal
        return definition
    }

    private static func inputs(of rows: [TrainingRow]) -> [String] { rows.map { $0.messages.last?.content ?? "" } }

    private static func inputs(of rows: [PreferenceRow]?) -> [String] {
        (rows ?? []).map { $0.messages.last?.content ?? "" }
    }

    @Test("of the training examples are learnt, those held back are looked at, and those of other splits are not")
    func learnt() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try Self.write(to: fixture.directory)
            try await fixture.apply(Self.definition())
            try await fixture.work { $0.isLive }
            let specification = try #require(fixture.training.specifications.first)
            let learnt = try #require(specification.preferences)
            let heldBack = try #require(specification.validationPreferences)
            #expect(Self.inputs(of: learnt) == Self.inputs(of: specification.rows).filter(Self.hasPair))
            #expect(Self.inputs(of: heldBack) == Self.inputs(of: specification.validationRows).filter(Self.hasPair))
            let training = try await fixture.inputs(of: .training)
            #expect(specification.rows.count + specification.validationRows.count == training.count)
            #expect(Set(Self.inputs(of: learnt + heldBack)) == training.filter(Self.hasPair))
            for row in learnt + heldBack {
                let number = Self.number(in: row.messages.last?.content ?? "")
                #expect(row.chosen == "surely \(number)" && row.rejected == "perhaps \(number)")
            }
        }
    }

    @Test("are not learnt where the definition names none, and the training is the one that it was")
    func unnamed() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try Self.write(to: fixture.directory)
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let specification = try #require(fixture.training.specifications.first)
            #expect(specification.preferences == nil && specification.validationPreferences == nil)
            #expect(!CanonicalJSON.text(of: specification).contains("references"))
            var paired = specification
            paired.preferences = [PreferenceRow(messages: [], chosen: "a", rejected: "b")]
            #expect(TrainingPlan.fingerprint(of: paired) != TrainingPlan.fingerprint(of: specification))
        }
    }

    @Test("of a trial are those of its own examples")
    func trials() async throws {
        let skill: @Sendable (TrainingSpec) -> Int = { $0.lora.learningRate == 2e-3 ? 10 : 7 }
        try await EngineFixture.run(promptsWork: false, skill: skill) { fixture in
            try Self.write(to: fixture.directory)
            var definition = Self.definition()
            definition.fineTune?.sweep = SweepDefinition(ranks: [4, 8], learningRates: [5e-4, 2e-3], trials: 4)
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            let specifications = fixture.training.specifications
            #expect(specifications.count > 4)
            for trial in specifications {
                #expect(
                    Self.inputs(of: trial.preferences) == Self.inputs(of: trial.rows).filter(Self.hasPair))
                #expect(
                    Self.inputs(of: trial.validationPreferences)
                        == Self.inputs(of: trial.validationRows).filter(Self.hasPair))
            }
        }
    }

    @Test(
        "that hold personal data are not trained on, or masked where the definition says so", arguments: [false, true])
    func personal(isMasked: Bool) async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try Self.write(to: fixture.directory, word: "ask jane@example.org about")
            try await fixture.apply(Self.definition(isMasked ? PersonalDataDefinition(mask: true) : nil))
            let state = try await fixture.work { $0.isLive || $0.isBlocked }
            guard isMasked else {
                #expect(state.block?.code == "training.personal_data" && fixture.training.submissions == [])
                let report = try await fixture.control.dataReport(name: "parity")
                #expect(Set(report.personalData.findings.map(\.field)) == ["better"])
                return
            }
            let specification = try #require(fixture.training.specifications.first)
            let rows = (specification.preferences ?? []) + (specification.validationPreferences ?? [])
            #expect(!rows.isEmpty && rows.allSatisfy { $0.chosen.hasPrefix("ask <email> about ") })
        }
    }

    @Test("stay the data's own where a teacher's answers are learnt")
    func taught() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try Self.write(to: fixture.directory)
            var definition = Self.definition()
            definition.models = [
                ModelDefinition(name: "large", endpoint: .openAICompatible(url: "http://large/v1", key: nil)),
                ModelDefinition(name: "small", endpoint: .local, isTried: false),
            ]
            definition.fineTune?.model = "small"
            definition.fineTune?.teacher = "large"
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            let specification = try #require(fixture.training.specifications.last)
            #expect(specification.rows.allSatisfy { $0.completion == "even" })
            let learnt = try #require(specification.preferences)
            #expect(Self.inputs(of: learnt) == Self.inputs(of: specification.rows).filter(Self.hasPair))
            #expect(learnt.allSatisfy { $0.chosen.hasPrefix("surely ") })
        }
    }
}

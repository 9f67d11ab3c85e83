import FledgeCore
import FledgeDocument
import Testing

@testable import FledgeEngine

@Suite("The model that is tuned", .timeLimit(.minutes(15)))
struct TunedModelTests {
    @Test(
        "may be one that no prompt was tried on: the best prompt of another goes with it to the gate and into production"
    )
    func another() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            var definition = EngineFixture.definition()
            definition.models = [
                ModelDefinition(name: "large", endpoint: .openAICompatible(url: "http://large/v1", key: nil)),
                ModelDefinition(name: "small", endpoint: .local, isTried: false),
            ]
            definition.fineTune?.model = "small"
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            let tuned = fixture.models.calls.filter { $0.adapter != nil }
            #expect(!tuned.isEmpty && tuned.allSatisfy { $0.model == "small" })
            let tried = fixture.models.calls.prefix { $0.adapter == nil }
            #expect(!tried.isEmpty && tried.allSatisfy { $0.model == "large" })
            let release = try #require(try await fixture.control.releases(name: "parity").last)
            #expect(release.bundle.candidate.model == "small" && release.bundle.candidate.adapter != nil)
        }
    }

    @Test(
        "is trained where the prompts of a dearer one are right, but cost too much; the gate says whether it meets the price"
    )
    func cheaper() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            var definition = EngineFixture.definition()
            definition.models = [
                ModelDefinition(
                    name: "large", endpoint: .openAICompatible(url: "http://large/v1", key: nil),
                    price: TokenPrice(
                        promptMicroDollarsPerMillion: 100_000_000, completionMicroDollarsPerMillion: 100_000_000)),
                ModelDefinition(
                    name: "small", endpoint: .local,
                    price: TokenPrice(
                        promptMicroDollarsPerMillion: 1_000_000, completionMicroDollarsPerMillion: 1_000_000),
                    isTried: false),
            ]
            definition.fineTune?.model = "small"
            definition.validation?.require.append(
                CriterionDefinition(metric: .costPerThousandCalls, bound: .atMost(0.1)))
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            let first = try await fixture.control.decision(name: "parity", number: 1)
            #expect(first.kind == .fineTune && first.evidence.otherTunedModel == "small")
            #expect(try await fixture.control.decision(name: "parity", number: 2).kind == .promote)
            let release = try #require(try await fixture.control.releases(name: "parity").last)
            #expect(release.bundle.candidate.model == "small" && release.bundle.candidate.adapter != nil)
        }
    }

    @Test("is the best candidate's among those that can be tuned, where none is named")
    func unnamed() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            var definition = EngineFixture.definition()
            definition.models.append(
                ModelDefinition(name: "large", endpoint: .openAICompatible(url: "http://large/v1", key: nil)))
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            #expect(fixture.models.calls.filter { $0.adapter != nil }.allSatisfy { $0.model == "small" })
        }
    }
}

@Suite("A training", .timeLimit(.minutes(15)))
struct TrainingEvaluationTests {
    @Test(
        "is judged by the primary metric while it trains, where answers alone tell it, and by its loss where they don't",
        arguments: [
            (MetricDefinition.accuracy, TrainingEvaluation.choices(["even", "odd"])),
            (.exactMatch, .choices(["even", "odd"])), (.tokenF1, nil),
        ] as [(MetricDefinition, TrainingEvaluation?)])
    func evaluation(metric: MetricDefinition, evaluation: TrainingEvaluation?) async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            var definition = EngineFixture.definition()
            definition.validation?.require = [CriterionDefinition(metric: metric, bound: .atLeast(0.8))]
            try await fixture.apply(definition)
            try await fixture.work { _ in !fixture.training.specifications.isEmpty }
            let specification = try #require(fixture.training.specifications.first)
            #expect(!specification.validationRows.isEmpty && specification.evaluation == evaluation)
        }
    }
}

@Suite("A teacher", .timeLimit(.minutes(15)))
struct TeacherTests {
    private static func definition() -> UseCaseDefinition {
        var definition = EngineFixture.definition()
        definition.models = [
            ModelDefinition(
                name: "large", endpoint: .openAICompatible(url: "http://large/v1", key: nil),
                price: TokenPrice(
                    promptMicroDollarsPerMillion: 100_000_000, completionMicroDollarsPerMillion: 100_000_000)),
            ModelDefinition(name: "small", endpoint: .local, isTried: false),
        ]
        definition.fineTune?.model = "small"
        definition.fineTune?.teacher = "large"
        return definition
    }

    @Test("is asked about the training examples alone, once, and its answers are learnt instead of the expected ones")
    func lessons() async throws {
        // The teacher calls everything even, so that its word and the data's differ for odd numbers.
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply(Self.definition())
            try await fixture.work { $0.isLive }
            let specification = try #require(fixture.training.specifications.last)
            let training = try await fixture.inputs(of: .training)
            let learnt = specification.rows + specification.validationRows
            #expect(learnt.count == training.count && learnt.allSatisfy { $0.completion == "even" })
            let asked = fixture.models.calls.filter { $0.model == "large" && training.contains($0.input) }
            #expect(asked.count == training.count)
            let view = try #require(
                try await fixture.control.experiments(name: "parity").first { $0.purpose == .teacher })
            #expect(view.samples == training.count)
        }
    }

    @Test("whose answers are no labels, or did not come, teaches nothing by them; too few lessons are told")
    func unusable() throws {
        func sample(_ example: Int64, _ output: String?) -> Sample {
            Sample(
                candidate: Digest(of: "c"), example: ExampleID(example), repeat: 0, output: output, errorCode: nil,
                scores: [:], promptTokens: 1, cachedTokens: 0, completionTokens: 1, latencyMicroseconds: 1,
                costMicroDollars: 0, fromCache: false, isUnanswered: output == nil)
        }
        let samples = [sample(1, "even"), sample(2, " odd\n"), sample(3, "prime"), sample(4, nil), sample(5, "")]
        let lessons = TeacherRunner.lessons(in: samples, choices: ["even", "odd"])
        #expect(lessons == [ExampleID(1): "even", ExampleID(2): "odd"])
        #expect(TeacherRunner.lessons(in: samples, choices: nil).count == 3)
    }

    @Test("of which pilots have learnt is not asked again for what never came: the evidence stays as it was decided on")
    func kept() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            var definition = Self.definition()
            definition.fineTune?.pilot = PilotDefinition(sizes: [30, 60, 90])
            try await fixture.apply(definition)
            let training = try await fixture.inputs(of: .training).sorted()
            fixture.models.misbehave { request, _ in
                guard request.input == training[0], request.adapter == nil else { return nil }
                throw FledgeError("model.filtered", "the filter took it", exitCode: .badData)
            }
            try await fixture.work { $0.isLive }
            #expect(fixture.models.calls.count { $0.model == "large" && $0.input == training[0] } == 1)
            let report = try await fixture.control.audit(name: "parity")
            #expect(report.findings.isEmpty, "\(report.findings.map(\.sentence))")
        }
    }

    @Test("that blocks says why, and a retry asks only what is missing")
    func retry() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply(Self.definition())
            let training = Set(try await fixture.inputs(of: .training))
            fixture.models.misbehave { request, _ in
                guard training.contains(request.input), request.adapter == nil else { return nil }
                throw FledgeError("model.no_credit", "the account is empty", exitCode: .configuration)
            }
            let blocked = try await fixture.work { $0.isBlocked }
            #expect(blocked.block?.code == "model.no_credit" && blocked.trainings <= 1)
            fixture.models.misbehave(nil)
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isLive }
        }
    }
}

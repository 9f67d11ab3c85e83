import FledgeCore
import FledgeDocument

/// What a cycle's training jobs learn, from what, and for which candidate.
struct TrainingPlan: Sendable {
    /// The best prompt without its demonstrations: what the adapter is trained on and will be asked with.
    let candidate: Candidate
    let model: ModelDefinition
    let fineTune: FineTuneDefinition
    /// The training split, in an order that its groups' hash decides, as far as the definition lets training take it.
    let examples: [Example]
    /// The whole training split: what pilots may ask.
    let everyExample: [Example]
    private let weights: BaseWeights
    private let policy: PersonalDataPolicy
    private let primaryMetric: MetricDefinition
    /// What is learnt of each example, where a teacher's answers are; one without an answer gives no row. Preferences are
    /// the data's own.
    private var lessons: [ExampleID: String]?

    /// At most so many training examples are held back for early stopping, and so many golden prompts are asked.
    private static let validationLimit = 64
    private static let validationShare = 10
    static let goldenLimit = 32
    /// Longer answers, in tokens, take too much of the training's time.
    private static let longestEvaluated = 32

    init(cycle: Cycle, stores: any CycleStore & ExperimentStore & StatusStore, catalog: any ModelCatalog) async throws {
        guard let fineTune = cycle.definition.fineTune else {
            throw FledgeError(
                "training.not_defined", "the definition has no FineTune block", hint: "add one and run fledge apply")
        }
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        let ranked = PromptSearch.ranked(try await stage.scored(upTo: .max).flatMap(\.scored))
        // The best prompt of the model that is tuned; where none was tried on it, the best prompt of all.
        guard let model = cycle.definition.tunedModel(ranked: ranked.map(\.candidate.model)),
            let best = (ranked.first { $0.candidate.model == model.name } ?? ranked.first)?.candidate
        else {
            throw FledgeError(
                "training.no_local_model", "none of the definition's models can be tuned",
                hint: cycle.definition.models.compactMap(\.tuningObstacle).first?.hint
                    ?? "name a model with at: .local in the Models block")
        }
        var candidate = best
        candidate.model = model.name
        candidate.demonstrations = []
        candidate.name = candidate.name.split(separator: "/").first.map(String.init) ?? candidate.name
        let stored = try await stores.examples(of: cycle.snapshot, in: .training)
        policy = PersonalDataPolicy(cycle.definition.dataset)
        primaryMetric = cycle.definition.primaryMetric
        everyExample = try policy.cleared(stored)
            .map { (StableHash.hash($0.group, seed: fineTune.lora.seed), $0) }
            .sorted { ($0.0, $0.1.row) < ($1.0, $1.1.row) }.map(\.1)
        examples = Array(everyExample.prefix(fineTune.trainingExamples ?? everyExample.count))
        weights = try await catalog.weights(of: model)
        self.candidate = candidate
        self.model = model
        self.fineTune = fineTune
    }

    /// The plan with a teacher's answers in the place of the expected ones.
    ///
    /// - Parameter answers: by example; one that is missing leaves its example out.
    /// - Throws: `training.few_lessons` where fewer are left than the definition asks for; `training.personal_data`.
    func taught(_ answers: [ExampleID: String]) throws -> TrainingPlan {
        let lessons = try policy.cleared(
            everyExample.compactMap { example in
                answers[example.id].map { answer in
                    var lesson = example
                    lesson.expected = answer
                    return lesson
                }
            })
        let known = Set(lessons.map(\.id))
        let usable = examples.count { known.contains($0.id) }
        guard usable >= fineTune.minimumExamples else {
            throw FledgeError(
                "training.few_lessons",
                "the teacher has \(usable) usable answers, and training asks for \(fineTune.minimumExamples)",
                hint: "give the teacher a better prompt, or lower TrainingExamples(atLeast:)")
        }
        var plan = self
        plan.lessons = Dictionary(lessons.map { ($0.id, $0.expected) }) { first, _ in first }
        return plan
    }

    /// The job that makes the cycle's adapter.
    func specification(lora: LoRADefinition) -> TrainingSpec {
        let parted = parted(examples)
        return specification(
            lora: lora, parted: parted, limitSeconds: fineTune.limitSeconds,
            asked: (parted.heldBack.isEmpty ? parted.learnt : parted.heldBack).prefix(Self.goldenLimit))
    }

    /// The job of a trial: it does with its part of the examples what the cycle's job does with all of them, and is then
    /// asked about examples that it has not seen. Those do not stop it early either: their score would be flattered.
    func specification(of run: TrialRun, data: TuningData) -> TrainingSpec {
        specification(
            lora: run.setting.applied(to: fineTune.lora, seed: run.seed), parted: parted(data.learnt(by: run)),
            limitSeconds: run.limitSeconds, asked: data.asked(of: run)[...])
    }

    /// Tells two trainings apart, wherever the base's file lies and whatever is asked besides: part of the intent's name.
    static func fingerprint(of specification: TrainingSpec) -> Digest {
        var identity = specification
        identity.baseWeights.path = ""
        identity.basePrompts = nil
        return Digest(of: CanonicalJSON.text(of: identity))
    }

    /// The first groups are held back for early stopping.
    private func parted(_ examples: [Example]) -> (learnt: ArraySlice<Example>, heldBack: ArraySlice<Example>) {
        var cut = min(Self.validationLimit, examples.count / Self.validationShare)
        while cut > 0, cut < examples.count, examples[cut].group == examples[cut - 1].group { cut += 1 }
        return (examples[cut...], examples[..<cut])
    }

    private func specification(
        lora: LoRADefinition, parted: (learnt: ArraySlice<Example>, heldBack: ArraySlice<Example>), limitSeconds: Int,
        asked: ArraySlice<Example>
    ) -> TrainingSpec {
        func row(_ example: Example) -> TrainingRow? {
            guard let completion = lessons.map({ $0[example.id] }) ?? example.expected else { return nil }
            return TrainingRow(messages: candidate.messages(for: example.inputs), completion: completion)
        }
        // Absent where there are none: they would change the fingerprint.
        func preferences(_ examples: ArraySlice<Example>) -> [PreferenceRow]? {
            let rows = examples.compactMap { example in
                example.preference.map {
                    PreferenceRow(
                        messages: candidate.messages(for: example.inputs), chosen: $0.chosen, rejected: $0.rejected)
                }
            }
            return rows.isEmpty ? nil : rows
        }
        return TrainingSpec(
            baseWeights: weights, lora: lora, limitSeconds: limitSeconds, rows: parted.learnt.compactMap(row),
            validationRows: parted.heldBack.compactMap(row),
            golden: asked.map {
                GoldenPrompt(messages: candidate.messages(for: $0.inputs), choices: candidate.choices)
            },
            maximumTokens: candidate.decoding.maxTokens, basePrompts: min(asked.count, Self.goldenLimit),
            evaluation: parted.heldBack.isEmpty ? nil : evaluation, preferences: preferences(parted.learnt),
            validationPreferences: preferences(parted.heldBack))
    }

    /// The primary metric, as far as the trainer can tell it while it trains: whether an answer is the expected one. Nil for
    /// metrics that look at anything else, and for long answers: the loss decides.
    private var evaluation: TrainingEvaluation? {
        let metric = primaryMetric.metric
        guard metric.comparesWholeAnswers else { return nil }
        if let choices = candidate.choices { return choices.count > 1 ? .choices(choices) : nil }
        return metric.comparesCharacters && candidate.decoding.maxTokens <= Self.longestEvaluated ? .exact : nil
    }
}

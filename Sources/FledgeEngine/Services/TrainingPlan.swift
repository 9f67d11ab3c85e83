import FledgeCore
import FledgeDocument

/// What a cycle's training job learns, from what, and for which candidate.
struct TrainingPlan: Sendable {
    let specification: TrainingSpec
    /// The best prompt without its demonstrations: what the adapter is trained on and will be asked with.
    let candidate: Candidate
    let model: ModelDefinition
    /// Tells two plans apart: part of the intent's name.
    let fingerprint: Digest

    /// At most so many training examples are held back for early stopping, and so many golden prompts are asked.
    private static let validationLimit = 64
    private static let validationShare = 10
    private static let goldenLimit = 32

    init(cycle: Cycle, stores: any Stores, catalog: any ModelCatalog) async throws {
        guard let fineTune = cycle.definition.fineTune else {
            throw FledgeError(
                "training.not_defined", "the definition has no FineTune block", hint: "add one and run fledge apply",
                exitCode: .configuration)
        }
        let stage = try await PrototypeStage(cycle: cycle, stores: stores)
        let ranked = PromptSearch.ranked(try await stage.scored(upTo: .max).flatMap(\.scored))
        // Only a local model's weights can be trained here: the best prompt of those models counts.
        let local = Set(cycle.definition.models.filter { $0.endpoint == .local }.map(\.name))
        guard let best = ranked.first(where: { local.contains($0.candidate.model) })?.candidate,
            let model = cycle.definition.models.first(where: { $0.name == best.model })
        else {
            throw FledgeError(
                "training.no_local_model", "none of the definition's models can be trained here",
                hint: "name a model with at: .local in the Models block", exitCode: .configuration)
        }
        var candidate = best
        candidate.demonstrations = []
        candidate.name = candidate.name.split(separator: "/").first.map(String.init) ?? candidate.name

        let stored = try await stores.examples(of: cycle.snapshot, in: .training)
        let examples = try PersonalDataPolicy(cycle.definition.dataset).cleared(stored)
            .map { (StableHash.hash($0.group, seed: fineTune.lora.seed), $0) }
            .sorted { ($0.0, $0.1.row) < ($1.0, $1.1.row) }.map(\.1)
        let capped = Array(examples.prefix(fineTune.trainingExamples ?? examples.count))
        var cut = min(Self.validationLimit, capped.count / Self.validationShare)
        while cut > 0, cut < capped.count, capped[cut].group == capped[cut - 1].group { cut += 1 }
        let rows = capped.map {
            TrainingRow(messages: candidate.messages(for: $0.inputs), completion: $0.expected)
        }
        let golden = (cut > 0 ? capped[..<cut] : capped[...]).prefix(Self.goldenLimit)
            .map { GoldenPrompt(messages: candidate.messages(for: $0.inputs), choices: candidate.choices) }
        specification = TrainingSpec(
            baseWeights: try await catalog.weights(of: model), lora: fineTune.lora, limitSeconds: fineTune.limitSeconds,
            rows: Array(rows[cut...]), validationRows: Array(rows[..<cut]), golden: Array(golden),
            maximumTokens: candidate.decoding.maxTokens)
        self.candidate = candidate
        self.model = model
        var identity = specification
        identity.baseWeights.path = ""
        fingerprint = Digest(of: CanonicalJSON.text(of: identity))
    }
}

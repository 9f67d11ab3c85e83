import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// The use cases that the crash tests take to production, small enough for two cores.
enum CrashUseCase {
    static let prompted = "crash-prompted"
    static let tuned = "crash-tuned"

    /// Two prompts for a served model that is always right: promoted without training.
    static func prompted(server: String, in directory: String) throws -> ApplyRequest {
        let colours = ["red", "green", "blue"]
        try write(
            (0..<120).map { ["question": "thing \($0) is \(colours[$0 % 3])", "colour": colours[$0 % 3]] },
            to: directory)
        let definition = UseCaseDefinition(
            name: prompted, purpose: "Name a thing's colour.", owner: "tests",
            dataset: DatasetDefinition(
                path: "data.jsonl", inputs: ["question"], expected: "colour",
                split: SplitDefinition(prototype: 30, holdout: 60, seed: 7)),
            models: [ModelDefinition(name: "counted", endpoint: .openAICompatible(url: server, key: nil))],
            promptPrototype: PromptPrototypeDefinition(
                prompts: [
                    PromptDefinition(name: "plain", system: "You name colours.", user: "{{question}}"),
                    PromptDefinition(name: "asking", system: "Which colour is it?", user: "{{question}}"),
                ],
                decoding: DecodingDefinition(maxTokens: 4, choices: .labels),
                advance: [AdvanceAlternative(conditions: [.criterion(accuracy(atLeast: 0.8))])],
                rounds: RoundsDefinition(maximum: 1)),
            validation: ValidationDefinition(require: [accuracy(atLeast: 0.8)]),
            production: ProductionDefinition(approval: .automatic))
        return request(definition, in: directory)
    }

    /// Two prompts for the packaged model, which fails where a short training run is enough.
    ///
    /// - Parameter change: what the fine-tuning is to do besides.
    static func tuned(data: URL, in directory: String, change: (inout FineTuneDefinition) -> Void = { _ in }) throws
        -> ApplyRequest
    {
        let kept = ["animal", "feeling", "location"]
        var rows: [[String: String]] = []
        for line in try String(contentsOf: data, encoding: .utf8).split(separator: "\n") {
            let row = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
            if kept.contains(row["category"] ?? "") { rows.append(row) }
        }
        try write(rows, to: directory)
        var fineTune = FineTuneDefinition(
            lora: LoRADefinition(dropout: 0.05, learningRate: 2e-3, epochs: 1, batchSize: 4, layers: .upperHalf),
            limitSeconds: 600, minimumExamples: 40, trainingExamples: 80)
        change(&fineTune)
        let definition = UseCaseDefinition(
            name: tuned, purpose: "Name a gloss's category.", owner: "tests",
            dataset: DatasetDefinition(
                path: "data.jsonl", inputs: ["gloss"], expected: "category", group: "lemma",
                split: SplitDefinition(prototype: 24, holdout: 60, seed: 7)),
            models: [ModelDefinition(name: "smollm2-135m-instruct", endpoint: .local)],
            promptPrototype: PromptPrototypeDefinition(
                prompts: [
                    PromptDefinition(
                        name: "plain", system: "You name the category of a dictionary gloss.", user: "{{gloss}}"),
                    PromptDefinition(name: "asking", system: "Answer with a category.", user: "Gloss: {{gloss}}"),
                ],
                decoding: DecodingDefinition(maxTokens: 6, choices: .labels),
                advance: [
                    AdvanceAlternative(conditions: [.criterion(accuracy(atLeast: 0.95))]),
                    AdvanceAlternative(conditions: [.plateau(rounds: 1, minimumGain: 0)]),
                ],
                rounds: RoundsDefinition(maximum: 1)),
            validation: ValidationDefinition(require: [accuracy(atLeast: 0.65, confidence: 0.6)]),
            fineTune: fineTune,
            production: ProductionDefinition(approval: .automatic))
        return request(definition, in: directory)
    }

    /// A search whose first prompt makes the server wrong: it answers with the question's last word.
    static func raced(server: String, in directory: String) throws -> ApplyRequest {
        var request = try prompted(server: server, in: directory)
        request.document.useCase.promptPrototype?.prompts = [
            PromptDefinition(name: "hedged", system: "You name colours.", user: "{{question}} perhaps"),
            PromptDefinition(name: "plain", system: "You name colours. Be brief.", user: "{{question}}"),
            PromptDefinition(name: "shown", system: "You name colours.", user: "{{question}}", demonstrations: 2),
        ]
        request.document.useCase.promptPrototype?.search = SearchDefinition(strategies: [
            .grid, .edits, .demonstrations(DemonstrationSearch(sets: 2, sizes: [2])),
        ])
        return request
    }

    private static func accuracy(atLeast bound: Double, confidence: Double = 0.95) -> CriterionDefinition {
        CriterionDefinition(metric: .accuracy, bound: .atLeast(bound), confidence: confidence)
    }

    private static func write(_ rows: [[String: String]], to directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let lines = try rows.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: directory + "/data.jsonl"))
    }

    private static func request(_ definition: UseCaseDefinition, in directory: String) -> ApplyRequest {
        ApplyRequest(
            document: DefinitionDocument(useCase: definition, sourceFile: "crash.swift"), sourceText: "",
            directory: directory,
            actor: LocalUser.actor)
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation

/// A use case that is small enough for many a second, with an end that is known beforehand.
struct SmallUseCase: Sendable {
    enum Kind: Int, Sendable, CaseIterable {
        /// The prompt is right: promoted.
        case promoted
        /// The prompt is wrong everywhere and nothing may be trained: stopped.
        case stopped
        /// No prompt is right before an adapter is trained: promoted with it.
        case tuned
        /// Promoted, after a search that may not make all the calls that it would.
        case capped
        /// Promoted, or stopped by its cap: calls that a crash cuts off count against it.
        case metered
    }

    let name: String
    let kind: Kind

    private static let prototype = 8
    private static let holdout = 16
    private static let training = 12
    private static let cap = 10
    /// Twice what it needs where nothing goes wrong.
    private static let meteredCap = 64

    init(_ kind: Kind, number: Int) {
        name = "\(kind)-\(number)"
        self.kind = kind
    }

    /// The kind that is in the name.
    init?(named name: String) {
        let parts = name.split(separator: "-")
        guard parts.count == 2, let kind = Kind.allCases.first(where: { "\($0)" == parts[0] }) else { return nil }
        self.name = name
        self.kind = kind
    }

    /// Where it has to end; nil where that depends on what was cut off.
    var expectedEnd: RunRecord.End? {
        switch kind {
        case .stopped: .init(.validation, .deciding, block: "stopped")
        case .metered: nil
        case .promoted, .tuned, .capped: .init(.production, .live)
        }
    }

    /// Whether it has arrived where it is live, or blocked by that code.
    func ends(blockedBy block: String?) -> Bool {
        kind == .metered ? block == nil || block == "spend.cap_reached" : block == expectedEnd?.block
    }

    var callCap: Int? { kind == .capped ? Self.cap : nil }
    var spendCap: Int? { kind == .metered ? Self.meteredCap : nil }

    /// The use case that a question is of.
    static func name(in question: String) -> String? {
        question.split(separator: " ", maxSplits: 1).first.map(String.init)
    }

    /// Writes its data and describes it.
    func request(modelsAt base: String, in directory: String) throws -> ApplyRequest {
        let rows = Self.prototype + Self.holdout + (kind == .tuned ? Self.training : 0)
        try data(rows: rows).write(to: URL(fileURLWithPath: "\(directory)/\(name).jsonl"))
        let wrong = kind == .stopped ? " perhaps" : ""
        let model: ModelDefinition =
            kind == .tuned
            ? ModelDefinition(name: StubProvider.trainable, endpoint: .local)
            : ModelDefinition(
                name: "stub", endpoint: .openAICompatible(url: base, key: nil),
                price: TokenPrice(promptMicroDollarsPerMillion: 1_000_000, completionMicroDollarsPerMillion: 1_000_000))
        let accuracy = CriterionDefinition(metric: .accuracy, bound: .atLeast(0.6), confidence: 0.8)
        let definition = UseCaseDefinition(
            name: name, purpose: "Name a thing's colour.", owner: "chaos",
            dataset: DatasetDefinition(
                path: "\(name).jsonl", inputs: ["question"], expected: "colour",
                split: SplitDefinition(prototype: Self.prototype, holdout: Self.holdout, seed: 7)),
            models: [model],
            promptPrototype: PromptPrototypeDefinition(
                prompts: [
                    PromptDefinition(name: "plain", system: "You name colours.", user: "{{question}}" + wrong),
                    PromptDefinition(name: "asking", system: "Which colour is it?", user: "{{question}}" + wrong),
                ],
                decoding: DecodingDefinition(maxTokens: 4),
                advance: [AdvanceAlternative(conditions: [.criterion(accuracy)])], rounds: RoundsDefinition(maximum: 1),
                budget: callCap.map { BudgetDefinition(calls: $0) }),
            validation: ValidationDefinition(require: [accuracy]),
            fineTune: kind == .tuned
                ? FineTuneDefinition(limitSeconds: 60, minimumExamples: 4, adapterPrompts: 1) : nil,
            production: ProductionDefinition(approval: .automatic),
            reports: kind == .promoted
                ? [ReportScheduleDefinition(recurrence: .daily, time: "03:00", zone: "UTC", formats: [.markdown])] : [],
            // A year, so that no period ends while it runs.
            spend: spendCap.map { SpendDefinition(calls: $0, period: .year) })
        return ApplyRequest(
            document: DefinitionDocument(useCase: definition, sourceFile: "chaos.swift"), sourceText: "",
            directory: directory, actor: LocalUser.actor)
    }

    /// Rows without a word in common, so that none is nearly another's duplicate.
    private func data(rows: Int) throws -> Data {
        let colours = ["red", "green", "blue"]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var lines = Data()
        for row in 0..<rows {
            let word = StableHash.hash("\(name) \(row)", seed: 1)
            let question = (0..<5).map { String((word >> ($0 * 12)) & 0xFFF, radix: 36) }.joined(separator: " ")
            let colour = colours[row % colours.count]
            lines += try encoder.encode(["question": "\(name) \(row) \(question) \(colour)", "colour": colour])
            lines += Data("\n".utf8)
        }
        return lines
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit

/// A small use case that meets one fault at one place.
struct FaultScenario: Sendable, Hashable, CustomStringConvertible {
    /// How many examples meet a fault that is an example's own.
    enum Share: String, Sendable {
        case all, few
        /// All of them, under a cap that lost answers may use up.
        case capped
    }

    var mode: String
    var place: FaultSession.Place
    var share = Share.all

    static let prototype = 20
    static let holdout = 40
    /// Mostly so much that answers which are lost on the way, and count against it, leave room for the rest.
    var capMicroDollars: Int64 { share == .capped ? 1_000_000 : 100_000_000 }

    var name: String {
        let mode = mode.replacing(#/[^a-z0-9]/#, with: "-")
        return "f-\(mode)-\(place.rawValue)" + (share == .all ? "" : "-\(share.rawValue)")
    }
    var description: String { "\(mode) at \(place.rawValue)" + (share == .all ? "" : ", \(share.rawValue)") }

    /// The letter that the server says: wrong for a few rows, so that scores tell one run from another.
    @Sendable static func said(_ row: Int) -> String {
        row.isMultiple(of: 2) == (row % 9 != 4) ? "a" : "b"
    }

    static let rows = (0..<(prototype + holdout))
        .map { #"{"text": "t\#($0)", "label": "\#($0.isMultiple(of: 2) ? "a" : "b")"}"# }.joined(separator: "\n")

    func definition(base: String, mode: FaultMode) -> UseCaseDefinition {
        var definition = UseCaseDefinition(
            name: name, purpose: "Say the letter that belongs to the number.", owner: "faults",
            dataset: DatasetDefinition(
                path: "rows.jsonl", inputs: ["text"], expected: "label",
                split: SplitDefinition(prototype: Self.prototype, holdout: Self.holdout, seed: 1)),
            models: [model("m", base: base)],
            promptPrototype: PromptPrototypeDefinition(
                prompts: [PromptDefinition(name: "plain", system: "Say the letter.", user: "{{text}}")],
                decoding: DecodingDefinition(maxTokens: 4, seed: 7, choices: mode.hasChoices ? .labels : .none),
                advance: [AdvanceAlternative(conditions: [.criterion(accuracy(atLeast: 0.5))])],
                rounds: RoundsDefinition(maximum: 1)),
            validation: ValidationDefinition(require: [accuracy(atLeast: 0.5)]),
            production: ProductionDefinition(approval: .automatic),
            spend: SpendDefinition(costMicroDollars: capMicroDollars, period: .year),
            // What waits longest goes ahead, so that the others are done meanwhile.
            priority: waitsLong(mode) ? 9 : nil)
        if case .hugeSeed = mode.condition { definition.promptPrototype?.decoding.seed = UInt64(1) << 63 + 5 }
        if isJudged(mode) {
            definition.models.append(model("judge", base: base, isTried: false))
            let judge = JudgeDefinition(name: "helpful", model: "judge", rubric: "Names one letter, and nothing else.")
            definition.promptPrototype?.advance = [
                AdvanceAlternative(conditions: [
                    .criterion(CriterionDefinition(metric: .judged(judge), bound: .atLeast(0.5), confidence: 0.9))
                ])
            ]
        }
        if place == .reflection {
            definition.models.append(model("writer", base: base, isTried: false))
            definition.promptPrototype?.search = SearchDefinition(
                strategies: [.grid, .reflect(ReflectionSearch(model: "writer", proposals: 1))])
            definition.promptPrototype?.rounds = RoundsDefinition(maximum: 2)
            definition.promptPrototype?.advance = [
                AdvanceAlternative(conditions: [.criterion(accuracy(atLeast: 0.99))])
            ]
            // Shown on the holdout, and not yet on the prototype split: there a search is worth its calls.
            definition.validation?.require = [accuracy(atLeast: 0.72)]
        }
        return definition
    }

    /// Whether calls in vain take seconds: as long as the client waits for an answer, or for a rate to be free.
    private func waitsLong(_ mode: FaultMode) -> Bool {
        if case .late = mode.reply.delivery { return true }
        return mode.reach == .every && mode.treatment == .blocks("model.rate_limited")
    }

    func isJudged(_ mode: FaultMode) -> Bool {
        if case .judged = mode.condition { return true }
        return place == .judge
    }

    private func model(_ name: String, base: String, isTried: Bool? = nil) -> ModelDefinition {
        ModelDefinition(
            name: name, endpoint: .openAICompatible(url: base, key: nil),
            price: TokenPrice(
                promptMicroDollarsPerMillion: 100_000_000, completionMicroDollarsPerMillion: 100_000_000),
            isTried: isTried)
    }

    private func accuracy(atLeast bar: Double) -> CriterionDefinition {
        CriterionDefinition(metric: .accuracy, bound: .atLeast(bar), confidence: 0.9)
    }
}

extension FaultScenario {
    /// Where a mode is met, and by how many examples.
    static func all(of mode: FaultMode) -> [FaultScenario] {
        func at(_ places: [FaultSession.Place], _ share: Share = .all) -> [FaultScenario] {
            places.map { FaultScenario(mode: mode.name, place: $0, share: share) }
        }
        switch mode.treatment {
        case .mended where mode.reach == .every: return at([.start])
        case .mended: return at([.start, .holdout])
        case .blocks:
            return at([.start, .middle, .holdout]) + (helpers.contains(mode.name) ? at([.judge, .reflection]) : [])
                + (mode.isAskedAgain && mode.models == nil ? at([.middle], .capped) : [])
        case .countsApart: return at([.start, .holdout]) + at([.start, .holdout], .few)
        }
    }

    /// The modes that judges and models that write prompts meet as well: one of each kind.
    static let helpers: Set<String> = [
        "401", "402", "400-vllm", "404-model", "404-html", "429-all", "503-empty-all", "choices-empty-all", "reset-all",
        "308", "413-html", "hang-all", "429-quota",
    ]
    /// The modes that are met through a restart.
    static let restarted: Set<String> = [
        "402", "429-all", "500-all", "truncated-all", "cut-off", "ctx-openai", "reset-all", "404-html",
    ]
}

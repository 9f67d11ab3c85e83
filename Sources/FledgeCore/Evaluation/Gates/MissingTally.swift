import FledgeDocument

/// Questions that got no answer, counted by cause: they are neither right nor wrong.
package struct MissingTally: Codable, Hashable, Sendable {
    package struct Cause: Codable, Hashable, Sendable {
        /// A value of `AnswerShortfall`, or the code of a call that failed.
        package var code: String
        package var count: Int

        package init(code: String, count: Int) {
            self.code = code
            self.count = count
        }
    }

    /// The most frequent first.
    package var causes: [Cause]
    /// Questions asked, repeats included.
    package var asked: Int

    /// The share that a gate bears unless the definition says otherwise.
    package static let usualLimit = 0.05
    /// The share that a use case bears, 0…1.
    package static func limit(of definition: UseCaseDefinition) -> Double {
        definition.validation?.missingAnswers ?? usualLimit
    }

    /// So many answers in a row that never came are enough to stop asking.
    package static let hopeless = 8

    package init(causes: [Cause], asked: Int) {
        self.causes = causes.sorted { ($1.count, $0.code) < ($0.count, $1.code) }
        self.asked = asked
    }

    package init(_ samples: some Sequence<Sample>) {
        var asked = 0
        var counts: [String: Int] = [:]
        for sample in samples {
            asked += 1
            guard sample.isUnanswered else { continue }
            counts[sample.errorCode ?? sample.shortfall?.rawValue ?? AnswerShortfall.empty.rawValue, default: 0] += 1
        }
        self.init(causes: counts.map { Cause(code: $0.key, count: $0.value) }, asked: asked)
    }

    package var count: Int { causes.reduce(0) { $0 + $1.count } }

    /// 0…1; 0 where nothing was asked.
    package var share: Double { asked == 0 ? 0 : Double(count) / Double(asked) }

    /// Whether nothing came that a change of the definition would bring.
    package var isHopeless: Bool {
        asked >= Self.hopeless && count == asked && causes.allSatisfy { $0.shortfall?.isMendable == true }
    }

    /// `38 of 40 answers are missing: 36 were cut off, 2 were taken by a content filter`.
    package var sentence: String {
        "\(count) of \(asked) answers \(count == 1 ? "is" : "are") missing: "
            + causes.map(\.words).joined(separator: ", ")
    }

    /// What to do about the most frequent cause; nil where nothing is missing.
    package var advice: String? { causes.first?.advice }

    /// - Parameters:
    ///   - code: `answers.missing` before the holdout, `gate.answers_missing` at it.
    ///   - subject: whose answers: the candidate's name.
    package func error(_ code: FledgeError.Code, of subject: String, limit: Double) -> FledgeError {
        FledgeError(
            code, "\(subject): \(sentence); at most \((limit * 100).formatted(decimals: 1))% may be",
            hint: advice.map { "\($0), then fledge apply; or fledge retry once its cause is gone" },
            exitCode: .badData)
    }
}

extension MissingTally.Cause {
    package var shortfall: AnswerShortfall? { AnswerShortfall(rawValue: code) }

    /// `36 were cut off`.
    package var words: String {
        let were = count == 1 ? "was" : "were"
        let text =
            switch FledgeError.Code(rawValue: code) {
            case .modelContextOverflow: "\(were) not given, as the prompt is longer than the model's context"
            case .modelFiltered: "\(were) not given, as a content filter refused the question"
            case .modelAnswerTooLong: "\(were) longer than maxTokens can be"
            default:
                switch shortfall {
                case .cutOff: "\(were) cut off at maxTokens"
                case .filtered: "\(were) taken by a content filter"
                case .refused: "\(were) declined by the model"
                case .reasoningOnly: "held reasoning and no answer"
                case .reasoningTags: "began with reasoning in tags"
                case .empty: "\(were) empty"
                case .unreadable: "could not be read as the JSON that was asked for"
                case nil: "failed"
                }
            }
        return "\(count) \(text) [\(code)]"
    }

    package var advice: String {
        switch FledgeError.Code(rawValue: code) {
        case .modelContextOverflow: "use fewer demonstrations, shorter inputs, or a model with a longer context"
        case .modelFiltered: "look at the inputs that the content filter refuses, or ask another model"
        case .modelAnswerTooLong: "look why the server does not keep to maxTokens, or ask another one"
        default: shortfall?.advice ?? "see fledge experiments"
        }
    }
}

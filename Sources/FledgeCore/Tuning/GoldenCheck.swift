/// How the served answers of an adapter compare with the trainer's and the base's.
package struct GoldenCheck: Codable, Hashable, Sendable {
    package var prompts: Int
    /// Served answers that were the trainer's.
    package var agreeing: Int
    /// Served answers that differ from the base model's.
    package var differingFromBase: Int
    /// The share of agreeing answers that was asked for.
    package var bar: Double
    /// Prompts that the trainer asked the base model too, the first of all; nil from a trainer that did not.
    package var basePrompts: Int?
    /// The base model's served answers that were the trainer's.
    package var baseAgreeing: Int?
    /// The trainer's answers that training has changed, of `basePrompts`.
    package var changedByTraining: Int?
    /// Of `changedByTraining`, those whose served answers are not the base's either; nil where all are choices.
    package var changedInBoth: Int?
    /// How far free answers agree; nil where all are choices.
    package var text: TextAgreement?
    /// The same of the base model's answers, in both programs; nil where the trainer did not ask it.
    package var baseText: TextAgreement?
    /// How the base answers beside the adapter; nil where the server answers one call at a time, or was not asked so.
    package var mixed: MixedLoad?
    /// What the server makes of the trainer's answers, token by token; nil in a check of an earlier version.
    package var likelihood: GoldenLikelihood?
    /// The prompts that are answered otherwise; nil in a check of an earlier version.
    package var differences: [GoldenDifference]?

    package init(
        prompts: Int, agreeing: Int, differingFromBase: Int, bar: Double, basePrompts: Int? = nil,
        baseAgreeing: Int? = nil, changedByTraining: Int? = nil, changedInBoth: Int? = nil, text: TextAgreement? = nil,
        baseText: TextAgreement? = nil, mixed: MixedLoad? = nil,
        likelihood: GoldenLikelihood? = nil, differences: [GoldenDifference]? = nil
    ) {
        self.prompts = prompts
        self.agreeing = agreeing
        self.differingFromBase = differingFromBase
        self.bar = bar
        self.basePrompts = basePrompts
        self.baseAgreeing = baseAgreeing
        self.changedByTraining = changedByTraining
        self.changedInBoth = changedInBoth
        self.text = text
        self.baseText = baseText
        self.mixed = mixed
        self.likelihood = likelihood
        self.differences = differences
    }

    /// The least number of agreeing answers that passes.
    package var least: Int { Int(saturating: (bar * Double(prompts)).rounded()) }
}

/// A golden prompt that trainer and server answer otherwise. Its texts come from the training data.
package struct GoldenDifference: Codable, Hashable, Sendable {
    /// The last message of the prompt.
    package var prompt: String
    package var trained: String
    package var served: String
    /// Whether trainer and server agree on the base model's answer; nil where the trainer was not asked for it.
    package var baseAgrees: Bool?

    package init(prompt: String, trained: String, served: String, baseAgrees: Bool?) {
        self.prompt = prompt
        self.trained = trained
        self.served = served
        self.baseAgrees = baseAgrees
    }
}

/// One golden prompt's answers.
package struct GoldenAnswers: Hashable, Sendable {
    /// The last message of the prompt.
    package var prompt: String
    package var trained: String
    package var served: String
    package var servedBase: String
    /// What the trainer's base model answers; nil where it was not asked.
    package var trainedBase: String?
    /// Whether any text could be answered, and not one of some choices.
    package var isFree: Bool

    package init(
        prompt: String, trained: String, served: String, servedBase: String, trainedBase: String?, isFree: Bool = false
    ) {
        self.prompt = prompt
        self.trained = trained
        self.served = served
        self.servedBase = servedBase
        self.trainedBase = trainedBase
        self.isFree = isFree
    }
}

extension GoldenCheck {
    /// Compares the answers; white space around one does not count.
    ///
    /// - Parameters:
    ///   - mixed: how the base answers beside the adapter, where that was tried.
    ///   - likelihood: what the server makes of the trainer's answers.
    package init(_ answers: [GoldenAnswers], mixed: MixedLoad? = nil, likelihood: GoldenLikelihood? = nil) {
        let isFree = answers.contains(where: \.isFree)
        let asked = answers.filter { $0.trainedBase != nil }
        let agreeing = answers.count { $0.adapterAgrees }
        let baseAgreeing = asked.count { $0.baseAgrees == true }
        let least =
            answers.isEmpty
            ? 0
            : GoldenBar.least(
                of: answers.count, base: asked.isEmpty ? nil : (agreeing: baseAgreeing, prompts: asked.count))
        self.init(
            prompts: answers.count, agreeing: agreeing,
            differingFromBase: answers.count { $0.served != $0.servedBase },
            bar: answers.isEmpty ? 0 : Double(least) / Double(answers.count),
            basePrompts: asked.isEmpty ? nil : asked.count, baseAgreeing: asked.isEmpty ? nil : baseAgreeing,
            changedByTraining: asked.isEmpty ? nil : asked.count(where: \.isChanged),
            changedInBoth: isFree && !asked.isEmpty ? asked.count { $0.isChanged && $0.served != $0.servedBase } : nil,
            text: isFree ? TextAgreement(answers.map { ($0.served, $0.trained) }) : nil,
            baseText: isFree && !asked.isEmpty
                ? TextAgreement(asked.map { ($0.servedBase, $0.trainedBase ?? "") }) : nil,
            mixed: mixed, likelihood: likelihood,
            differences: answers.filter { !$0.adapterAgrees }.map {
                GoldenDifference(
                    prompt: $0.prompt, trained: $0.trained, served: $0.served, baseAgrees: $0.baseAgrees)
            })
    }
}

extension GoldenAnswers {
    fileprivate var adapterAgrees: Bool { AnswerText.trimmed(trained) == AnswerText.trimmed(served) }

    /// Whether training has changed the trainer's answer.
    fileprivate var isChanged: Bool {
        trainedBase.map { AnswerText.trimmed($0) != AnswerText.trimmed(trained) } ?? false
    }

    fileprivate var baseAgrees: Bool? {
        trainedBase.map { AnswerText.trimmed($0) == AnswerText.trimmed(servedBase) }
    }
}

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
    /// The prompts that are answered otherwise; nil in a check of an earlier version.
    package var differences: [GoldenDifference]?

    package init(
        prompts: Int, agreeing: Int, differingFromBase: Int, bar: Double, basePrompts: Int? = nil,
        baseAgreeing: Int? = nil, changedByTraining: Int? = nil, differences: [GoldenDifference]? = nil
    ) {
        self.prompts = prompts
        self.agreeing = agreeing
        self.differingFromBase = differingFromBase
        self.bar = bar
        self.basePrompts = basePrompts
        self.baseAgreeing = baseAgreeing
        self.changedByTraining = changedByTraining
        self.differences = differences
    }

    /// The least number of agreeing answers that passes.
    package var least: Int { Int((bar * Double(prompts)).rounded()) }
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

    package init(prompt: String, trained: String, served: String, servedBase: String, trainedBase: String?) {
        self.prompt = prompt
        self.trained = trained
        self.served = served
        self.servedBase = servedBase
        self.trainedBase = trainedBase
    }
}

extension GoldenCheck {
    /// Compares the answers; white space around one does not count.
    package init(_ answers: [GoldenAnswers]) {
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
            changedByTraining: asked.isEmpty
                ? nil : asked.count { AnswerText.trimmed($0.trained) != AnswerText.trimmed($0.trainedBase ?? "") },
            differences: answers.filter { !$0.adapterAgrees }.map {
                GoldenDifference(
                    prompt: $0.prompt, trained: $0.trained, served: $0.served, baseAgrees: $0.baseAgrees)
            })
    }
}

extension GoldenAnswers {
    fileprivate var adapterAgrees: Bool { AnswerText.trimmed(trained) == AnswerText.trimmed(served) }

    fileprivate var baseAgrees: Bool? {
        trainedBase.map { AnswerText.trimmed($0) == AnswerText.trimmed(servedBase) }
    }
}

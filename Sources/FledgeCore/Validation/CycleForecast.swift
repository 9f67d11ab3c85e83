import FledgeDocument

/// The most that a cycle on a definition can ask for, before it is started. Answers that are in the cache cost nothing.
package struct CycleForecast: Codable, Hashable, Sendable {
    package struct Training: Codable, Hashable, Sendable {
        /// Examples, and passes over them, of the adapter that is kept.
        package var examples: Int
        package var epochs: Int
        /// Trainer seconds at the most, a sweep's trials included, and what they cost; nil without a price.
        package var seconds: Double
        package var costMicroDollars: Int64?
    }

    /// Calls of the prompt search; nil where neither a budget nor the strategies bound them.
    package var searchCalls: Int?
    /// Calls of one gate, the champion's included where something is compared with it.
    package var gateCalls: Int
    /// Gates with different candidates: one for a prompt, one for each training that may follow.
    package var gates: Int
    /// What all of the calls can cost at the models' prices, in micro-dollars; nil where a model has none, or calls are not
    /// bounded.
    package var costMicroDollars: Int64?
    package var training: Training?
    /// Whether a judge is asked besides: its calls are not among these.
    package var hasJudge: Bool

    /// - Parameters:
    ///   - prototype: rows of the prototype split, of which the first few measure a prompt's length.
    ///   - holdout: rows that a look may use.
    ///   - training: rows of the training split.
    package init(
        _ definition: UseCaseDefinition, prototype: [(inputs: [String: String], expected: String)], holdout: Int,
        training: Int, hasChampion: Bool
    ) {
        let stage = definition.promptPrototype ?? PromptPrototypeDefinition()
        let models = definition.models.filter { $0.isTried ?? true }
        let examples = stage.rounds?.examples.map { min($0, prototype.count) } ?? prototype.count
        // In the first round declared prompts are asked each example once; later rounds and strategies add candidates.
        let declared = stage.prompts.count.saturatingProduct(models.count).saturatingProduct(examples)
        let isDeclared = stage.rounds?.maximum == 1 && stage.search?.strategies.allSatisfy { $0 == .grid } ?? true
        searchCalls = [isDeclared ? declared : nil, stage.budget?.calls].compactMap(\.self).min()
        let validation = definition.validation ?? ValidationDefinition()
        gateCalls = Self.gateCalls(validation, holdout: holdout, hasChampion: hasChampion)
        gates = definition.fineTune == nil ? 1 : 2
        hasJudge = validation.require.contains { $0.metric.judge != nil }
        self.training = definition.fineTune.map { fineTune in
            let seconds = fineTune.reckonedSeconds(costs: definition.costs)
            return Training(
                examples: min(training, fineTune.trainingExamples ?? training), epochs: fineTune.lora.epochs,
                seconds: seconds,
                costMicroDollars: definition.costs?.perTrainingHourMicroDollars.map {
                    Int64(saturating: (Double($0) * seconds / 3600).rounded(.up))
                })
        }
        let dearest = Self.dearestCall(stage, models: models, rows: prototype)
        costMicroDollars = dearest.flatMap { dearest in
            guard let searchCalls else { return nil }
            let search = min(
                dearest.saturatingProduct(Int64(clamping: searchCalls)), stage.budget?.costMicroDollars ?? .max)
            let judged = dearest.saturatingProduct(Int64(clamping: gateCalls.saturatingProduct(gates)))
            return search.saturatingSum(judged)
        }
    }

    /// Each row once, and again for consistency, robustness and the champion.
    private static func gateCalls(_ validation: ValidationDefinition, holdout: Int, hasChampion: Bool) -> Int {
        var calls = holdout
        for criterion in validation.require {
            guard let repetition = criterion.metric.metric.repetition else { continue }
            calls = calls.saturatingSum(repetition.calls, times: min(repetition.examples ?? holdout, holdout))
        }
        return hasChampion && !(validation.comparisons ?? []).isEmpty ? calls.saturatingSum(holdout) : calls
    }

    /// The most that one call can cost, over prompts and models: a token for each byte, and all the tokens that an answer
    /// may have. Nil where a model has no price.
    private static func dearestCall(
        _ stage: PromptPrototypeDefinition, models: [ModelDefinition],
        rows: [(inputs: [String: String], expected: String)]
    ) -> Int64? {
        guard !models.isEmpty, models.allSatisfy({ $0.price != nil }) else { return nil }
        let longest = rows.map { $0.inputs.values.reduce($0.expected.utf8.count) { $0 + $1.utf8.count } }.max() ?? 0
        let prompt =
            stage.prompts.map { prompt in
                let turn = prompt.user.utf8.count + longest + 32
                let turns = turn.saturatingProduct(prompt.demonstrations.saturatingSum(1))
                return turns.saturatingSum(prompt.system?.utf8.count ?? 0)
            }.max() ?? 0
        return models.compactMap { $0.price?.cost(promptTokens: prompt, completionTokens: stage.decoding.maxTokens) }
            .max()
    }
}

import FledgeDocument

/// Most calls, examples and rows that anything may be about; far more than anybody has, and far from where sums overflow.
private let manyCalls = 1e12
private let manyTokens = 1e15
/// Ten million dollars, in micro-dollars: more is a slip of the pen.
private let muchMoney = 1e13
/// A year, in seconds.
private let aYear = 31_536_000.0
/// Every seed of 64 bits.
private let anySeed = NumberRange(0...0x1p64)

extension NumberRule {
    static let manyRows = 1e9

    /// Every number that a definition can hold. `docs/definition-numbers.md` is made from it.
    package static let all = useCase + prototype + validation + metrics + tuning

    private static let useCase: [NumberRule] = [
        NumberRule(
            "priority", "Priority(…)", "priority", 0...9, "each step is worth a minute of waiting",
            code: "definition.bad_priority"),
        NumberRule(
            "dataset.split.prototype", "Split(prototype:)", "prototype", 1...manyRows, "rows are counted in 32 bits",
            code: "dataset.bad_split"),
        NumberRule(
            "dataset.split.holdout", "Split(holdout:)", "holdout", 1...manyRows, "rows are counted in 32 bits",
            code: "dataset.bad_split"),
        NumberRule("dataset.split.seed", "Split(seed:)", "seed", anySeed, "64 bits are all that a seed has"),
        NumberRule(
            "models[].price.promptMicroDollarsPerMillion", "Model(price: .perMillionTokens(prompt:))",
            "the prompt price",
            0...2e9, "in micro-dollars: $2000 for a million tokens is a few times what the dearest model costs",
            code: "models.bad_price"),
        NumberRule(
            "models[].price.completionMicroDollarsPerMillion", "Model(price: .perMillionTokens(completion:))",
            "the completion price", 0...2e9,
            "in micro-dollars: $2000 for a million tokens is a few times what the dearest model costs",
            code: "models.bad_price"),
        NumberRule(
            "models[].callsAtOnce", "Model(atOnce:)", "calls at once", 1...100_000,
            "each call has a connection of its own",
            code: "models.bad_at_once"),
        NumberRule(
            "models[].endpoint.gpuLayers", "at: .local(gpuLayers: .first(…))", "gpuLayers", 0...10_000,
            "no model has more layers", code: "models.bad_layers"),
        NumberRule(
            "forecast.calls", "Forecast(calls:)", "the forecast's calls", 0...manyCalls,
            "what is spent over a horizon has to be reckoned with", code: "forecast.bad_calls"),
        NumberRule(
            "forecast.horizon.count", "Forecast(horizon:)", "the forecast's horizon", 1...10_000,
            "what is spent over a horizon has to be reckoned with", code: "forecast.bad_horizon"),
        NumberRule(
            "costs.perLabelMicroDollars", "Costs(perLabel:)", "the cost of a label", 0...muchMoney,
            "in micro-dollars: more than ten million dollars is a slip of the pen", code: "costs.bad_price"),
        NumberRule(
            "costs.perTrainingHourMicroDollars", "Costs(perTrainingHour:)", "the cost of an hour of training",
            0...muchMoney, "in micro-dollars: more than ten million dollars is a slip of the pen",
            code: "costs.bad_price"),
        NumberRule(
            "costs.tunedPrice.promptMicroDollarsPerMillion", "Costs(tuned: .perMillionTokens(prompt:))",
            "the tuned model's prompt price", 0...muchMoney,
            "in micro-dollars: more than ten million dollars is a slip of the pen", code: "costs.bad_price"),
        NumberRule(
            "costs.tunedPrice.completionMicroDollarsPerMillion", "Costs(tuned: .perMillionTokens(completion:))",
            "the tuned model's completion price", 0...muchMoney,
            "in micro-dollars: more than ten million dollars is a slip of the pen", code: "costs.bad_price"),
        NumberRule(
            "spend.costMicroDollars", "Spend(…)", "the cap on cost", 1...1e15,
            "in micro-dollars: what is set aside is added to it", code: "spend.not_positive"),
        NumberRule(
            "spend.calls", "Spend(calls:)", "the cap on calls", 1...manyCalls, "what is set aside is added to it",
            code: "spend.not_positive"),
        NumberRule(
            "spend.tokens", "Spend(tokens:)", "the cap on tokens", 1...manyTokens, "what is set aside is added to it",
            code: "spend.not_positive"),
        NumberRule(
            "reports[].recurrence.day", "Monthly(on:)", "the day of the month", 1...31,
            "a short month fires on its last day", code: "reports.bad_day"),
    ]

    private static let prototype: [NumberRule] = [
        NumberRule(
            "promptPrototype.prompts[].demonstrations", "Demonstrations(…)", "demonstrations", 0...10_000,
            "each is part of every prompt", code: "prompts.bad_demonstrations"),
        NumberRule(
            "promptPrototype.decoding.temperature", "Decoding(temperature:)", "temperature", 0...2,
            "servers take no other", code: "decoding.bad_temperature"),
        NumberRule(
            "promptPrototype.decoding.topP", "Decoding(topP:)", "topP", .above(0, upTo: 1), "a share of probability",
            code: "decoding.bad_top_p"),
        NumberRule(
            "promptPrototype.decoding.maxTokens", "Decoding(maxTokens:)", "maxTokens", 1...100_000,
            "an answer's length, and what is set aside for it", code: "decoding.bad_max_tokens"),
        NumberRule(
            "promptPrototype.decoding.seed", "Decoding(seed:)", "seed", anySeed, "64 bits are all that a seed has"),
        NumberRule(
            "promptPrototype.advance[].conditions[].rounds", "Plateau(rounds:)", "the plateau's rounds", 1...1000,
            "no search has more rounds", code: "advance.bad_plateau"),
        NumberRule(
            "promptPrototype.advance[].conditions[].minimumGain", "Plateau(minimumGain:)", "the plateau's gain", 0...1,
            "a share of the score", code: "advance.bad_plateau"),
        NumberRule(
            "promptPrototype.rounds.maximum", "Rounds(atMost:)", "rounds", 1...1000, "each round asks a model",
            code: "rounds.not_positive"),
        NumberRule(
            "promptPrototype.rounds.examples", "Rounds(examples:)", "the examples of a round", 1...manyRows,
            "rows are counted in 32 bits", code: "rounds.not_positive"),
        NumberRule(
            "promptPrototype.budget.calls", "Budget(calls:)", "the budget's calls", 1...manyCalls,
            "what is spent is added up", code: "budget.not_positive"),
        NumberRule(
            "promptPrototype.budget.tokens", "Budget(tokens:)", "the budget's tokens", 1...manyTokens,
            "what is spent is added up", code: "budget.not_positive"),
        NumberRule(
            "promptPrototype.budget.costMicroDollars", "Budget(cost:)", "the budget's cost", 1...muchMoney,
            "in micro-dollars: more than ten million dollars is a slip of the pen", code: "budget.not_positive"),
        NumberRule(
            "promptPrototype.search.strategies[].settings.sets", ".demonstrations(sets:)", "sets", 1...512,
            "each set is a candidate, which is scored", code: "search.bad_sets"),
        NumberRule(
            "promptPrototype.search.strategies[].settings.sizes[]", ".demonstrations(sizes:)", "a size", 1...10_000,
            "each demonstration is part of every prompt", code: "search.bad_sizes"),
        NumberRule(
            "promptPrototype.search.strategies[].settings.proposals", ".reflect(proposals:)", "proposals", 1...32,
            "each proposal is a candidate, which is scored", code: "search.bad_proposals"),
    ]

    private static let validation: [NumberRule] = [
        NumberRule(
            "validation.holdoutLooks", "HoldoutLooks(…)", "holdoutLooks", 1...1000,
            "looks share one rate of errors", code: "validation.bad_looks"),
        NumberRule(
            "validation.missingAnswers", "MissingAnswers(atMost:)", "missingAnswers", .from(0, below: 1),
            "a share of all answers", code: "validation.bad_missing_answers"),
        NumberRule(
            "validation.slices.minimumExamples", "Slices(examples:)", "the examples of a slice", 1...manyRows,
            "rows are counted in 32 bits", code: "slices.bad_examples"),
        NumberRule(
            "validation.slices.confidence", "Slices(confidence:)", "confidence", .above(0.5, below: 1),
            "a share of cases; nothing is certain", code: "slices.bad_confidence", usual: "0.95 is usual"),
        NumberRule(
            "validation.comparisons[].margin", "NoWorseThan(margin:) and the like", "the margin", .from(0, below: 1),
            "a share of the score, or of the cost", code: "comparison.bad_margin"),
        NumberRule(
            "validation.comparisons[].confidence", "NoWorseThan(confidence:) and the like", "confidence",
            .above(0.5, below: 1), "a share of cases; nothing is certain", code: "comparison.bad_confidence",
            usual: "0.95 is usual"),
        NumberRule(
            "validation.require[].confidence", "a criterion's confidence", "confidence", .above(0.5, below: 1),
            "a share of cases; nothing is certain", code: "criterion.bad_confidence", usual: "0.95 is usual"),
        NumberRule(
            "promptPrototype.advance[].conditions[].criterion.confidence", "a criterion's confidence in Advance",
            "confidence", .above(0.5, below: 1), "a share of cases; nothing is certain",
            code: "criterion.bad_confidence", usual: "0.95 is usual"),
        NumberRule(
            "….bound.value", "a criterion's bound", "the bound", 1e-9...1e9,
            "shares up to 1, seconds, dollars or tokens: decisions look for the nearest bound that changes them",
            code: "criterion.out_of_range"),
    ]

    private static let metrics = MetricDefinition.numbered.flatMap { $0.numbers }

    private static let tuning: [NumberRule] = [
        NumberRule(
            "fineTune.limitSeconds", "Limit(…)", "the time limit in seconds", 1...aYear, "a year: nobody waits longer",
            code: "fine_tune.bad_limit"),
        NumberRule(
            "fineTune.minimumExamples", "TrainingExamples(atLeast:)", "the least examples", 1...manyRows,
            "rows are counted in 32 bits", code: "fine_tune.bad_examples"),
        NumberRule(
            "fineTune.trainingExamples", "TrainingExamples(atMost:)", "the most examples", 1...manyRows,
            "rows are counted in 32 bits", code: "fine_tune.bad_examples"),
        NumberRule(
            "fineTune.adapterPrompts", "AdapterPrompts(…)", "adapterPrompts", 1...16, "each is scored on the adapter",
            code: "fine_tune.bad_adapter_prompts"),
        lora("rank", 1...512, "the adapter's size grows with it", usual: "8 is usual"),
        lora("alpha", .above(0, upTo: 4096), "it scales what is learnt", usual: "twice the rank is usual"),
        lora("dropout", .from(0, below: 1), "a share of weights", usual: "0.05 is usual"),
        lora("learningRate", .above(0, below: 1), "a step of 1 learns nothing", usual: "1e-4 to 1e-3 is usual"),
        lora("epochs", 1...100, "each is a pass over the data"),
        lora("batchSize", 1...1024, "a batch has to fit into memory"),
        lora("weightDecay", .from(0, below: 1), "a share of weights"),
        lora("gradientAccumulation", 1...1024, "each step takes that many batches"),
        lora(
            "sequenceLength", 16...1_048_576, "in tokens: memory grows with it",
            usual: "\(LoRADefinition.usualSequenceLength) is usual"),
        lora("beta", .above(0, upTo: 10), "how far preferences may lead away", usual: "0.1 is usual"),
        NumberRule("fineTune.lora.seed", "LoRA(seed:)", "seed", anySeed, "64 bits are all that a seed has"),
        sweep("ranks[]", "Rank(…)", "rank", 1...512, "as for LoRA", usual: "4, 8 and 16 are usual"),
        sweep(
            "learningRates[]", "LearningRate(…)", "learning rate", .above(0, below: 1), "as for LoRA",
            usual: "1e-4 to 2e-3 is usual"),
        sweep("dropouts[]", "Dropout(…)", "dropout", .from(0, below: 1), "as for LoRA"),
        sweep("epochs[]", "Epochs(…)", "number of epochs", 1...100, "as for LoRA"),
        sweep("batchSizes[]", "BatchSize(…)", "batch size", 1...1024, "as for LoRA"),
        sweep("weightDecays[]", "WeightDecay(…)", "weight decay", .from(0, below: 1), "as for LoRA"),
        sweep(
            "trials", "Trials(atMost:)", "trials", 2...10_000, "each is a training", code: "sweep.bad_trials",
            usual: "Trials(atMost: 12, keepingOneIn: 3)"),
        sweep(
            "reduction", "Trials(keepingOneIn:)", "keepingOneIn", 2...1000, "one in so many trials goes on",
            code: "sweep.bad_trials", usual: "Trials(atMost: 12, keepingOneIn: 3)"),
        sweep("folds", "Folds(…)", "folds", 2...20, "each is a training", code: "sweep.bad_folds"),
        sweep(
            "foldsBelow", "Folds(below:)", "below", 0...manyRows, "rows are counted in 32 bits",
            code: "sweep.bad_folds"),
        sweep(
            "limitSeconds", "Sweep's Limit(…)", "the time for all trials in seconds", 1...aYear,
            "a year: nobody waits longer", code: "sweep.bad_limit"),
        sweep(
            "costMicroDollars", "Cost(atMost:)", "the cost of all trials", 1...muchMoney,
            "in micro-dollars: more than ten million dollars is a slip of the pen", code: "sweep.bad_cost"),
        sweep("seed", "Sweep(seed:)", "seed", anySeed, "64 bits are all that a seed has"),
        sweep("seeds[]", "Seeds(…)", "seed", anySeed, "64 bits are all that a seed has"),
        NumberRule(
            "fineTune.pilot.sizes[]", "Pilot(sizes:)", "a pilot's size", 1...manyRows, "rows are counted in 32 bits",
            code: "pilot.bad_size"),
        NumberRule(
            "fineTune.pilot.seeds[]", "Pilot(seeds:)", "seed", anySeed, "64 bits are all that a seed has"),
    ]

    private static func lora(
        _ name: String, _ range: ClosedRange<Double>, _ why: String, usual: String? = nil
    ) -> NumberRule { lora(name, NumberRange(range), why, usual: usual) }

    private static func lora(_ name: String, _ range: NumberRange, _ why: String, usual: String? = nil) -> NumberRule {
        NumberRule(
            "fineTune.lora.\(name)", "LoRA(\(name):)", name, range, why, code: "fine_tune.out_of_range", usual: usual)
    }

    private static func sweep(
        _ name: String, _ words: String, _ what: String, _ range: ClosedRange<Double>, _ why: String,
        code: String = "sweep.out_of_range", usual: String? = nil
    ) -> NumberRule { sweep(name, words, what, NumberRange(range), why, code: code, usual: usual) }

    private static func sweep(
        _ name: String, _ words: String, _ what: String, _ range: NumberRange, _ why: String,
        code: String = "sweep.out_of_range", usual: String? = nil
    ) -> NumberRule { NumberRule("fineTune.sweep.\(name)", words, what, range, why, code: code, usual: usual) }
}

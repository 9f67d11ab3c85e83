/// What happens when prompting is not enough: an adapter is trained.
public struct FineTune: UseCaseElement {
    let elements: [any FineTuneElement]
    let line: Int

    /// Makes the part out of what its block holds.
    ///
    /// - Parameters:
    ///   - content: `LoRA`, `Limit`, `TrainingExamples` and the other parts of the block.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @FineTuneBuilder _ content: () -> [any FineTuneElement]) {
        self.elements = content()
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("fineTune", line)
        var fineTune = FineTuneDefinition()
        for element in elements {
            element.lower(into: &fineTune, at: "fineTune", noting: &locations)
        }
        definition.fineTune = fineTune
    }
}

/// A part of a `FineTune` block.
public protocol FineTuneElement: Sendable {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - fineTune: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `FineTune` block.
@resultBuilder
public enum FineTuneBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some FineTuneElement) -> [any FineTuneElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(
        *, unavailable,
        message:
            "a FineTune block takes Tuned, Teacher, LoRA, Executor, Limit, TrainingExamples, Sweep, Pilot and AdapterPrompts"
    )
    public static func buildExpression<Other>(_ other: Other) -> [any FineTuneElement] { [] }
}

/// Which model is tuned; unless said, that of the best candidate among those that can be.
///
/// It may be another than the one that prompts were tried on: tried on a large model, tuned on a small one.
public struct Tuned: FineTuneElement {
    let model: String
    let line: Int

    /// Names the model.
    ///
    /// - Parameters:
    ///   - model: the name of a model of the `Models` block.
    ///   - line: the line on which it is written.
    public init(_ model: String, line: Int = #line) {
        self.model = model
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).model", line)
        fineTune.model = model
    }
}

/// The model whose answers to the training examples are learnt, instead of the expected ones: a large model teaches a small
/// one. Its best prompt asks; what that costs counts as the use case's spending.
public struct Teacher: FineTuneElement {
    let model: String
    let line: Int

    /// Names the model.
    ///
    /// - Parameters:
    ///   - model: the name of a model of the `Models` block.
    ///   - line: the line on which it is written.
    public init(_ model: String, line: Int = #line) {
        self.model = model
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).teacher", line)
        fineTune.teacher = model
    }
}

/// The hyperparameters of the low-rank adapter.
public struct LoRA: FineTuneElement {
    let definition: LoRADefinition
    let line: Int

    /// Sets the hyperparameters; what is not said has the default that stands here.
    ///
    /// - Parameters:
    ///   - rank: the rank of the two matrices, 1 to 512.
    ///   - alpha: the scale of what is learnt: the update is multiplied by `alpha / rank`. Above 0, up to 4096.
    ///   - dropout: the share of the adapter's inputs that a step leaves out: 0 and more, below 1.
    ///   - learningRate: the optimiser's step at its highest: above 0, below 1.
    ///   - epochs: passes over the training examples, 1 to 100.
    ///   - batchSize: examples a batch, 1 to 1024.
    ///   - weightDecay: 0 and more, below 1.
    ///   - seed: of the adapter's first weights, the dropout and the examples' order.
    ///   - layers: which layers of the model get an adapter.
    ///   - quantised: the precision in which the base model is held while it is trained; as it comes unless said.
    ///   - gradientCheckpointing: true computes activations a second time to hold fewer of them in memory.
    ///   - gradientAccumulation: batches that make one step, 1 to 1024; 1 unless said.
    ///   - sequenceLength: the most tokens of a row, 16 to 1048576.
    ///   - tooLong: what happens with rows that have more tokens.
    ///   - packing: true puts several short rows into one sequence.
    ///   - beta: how far preferences may lead away from what was learnt before them: above 0, up to 10.
    ///   - line: the line on which it is written.
    public init(
        rank: Int = 8, alpha: Double = 16, dropout: Double = 0.05, learningRate: Double = 1e-3, epochs: Int = 3,
        batchSize: Int = 8, weightDecay: Double = 0.01, seed: UInt64 = 1, layers: LayerSelection = .all,
        quantised: Quantisation? = nil, gradientCheckpointing: Bool? = nil, gradientAccumulation: Int? = nil,
        sequenceLength: Int? = nil, tooLong: LongRows? = nil, packing: Bool? = nil, beta: Double? = nil,
        line: Int = #line
    ) {
        definition = LoRADefinition(
            rank: rank, alpha: alpha, dropout: dropout, learningRate: learningRate, epochs: epochs,
            batchSize: batchSize, weightDecay: weightDecay, seed: seed, layers: layers, quantised: quantised,
            gradientCheckpointing: gradientCheckpointing, gradientAccumulation: gradientAccumulation,
            sequenceLength: sequenceLength, tooLong: tooLong, packing: packing, beta: beta)
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).lora", line)
        fineTune.lora = definition
    }
}

/// Where the training job runs.
public struct Executor: FineTuneElement {
    let executor: ExecutorDefinition
    let line: Int

    /// Names the executor.
    ///
    /// - Parameters:
    ///   - executor: what runs the job.
    ///   - line: the line on which it is written.
    public init(_ executor: ExecutorDefinition, line: Int = #line) {
        self.executor = executor
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).executor", line)
        fineTune.executor = executor
    }
}

/// How long one training job may take.
public struct Limit: FineTuneElement {
    let seconds: Int
    let line: Int

    /// Sets the longest time, in whole seconds; fractions are cut off.
    ///
    /// - Parameters:
    ///   - duration: a second to a year.
    ///   - line: the line on which it is written.
    public init(_ duration: Duration, line: Int = #line) {
        seconds = Int(duration.components.seconds)
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).limit", line)
        fineTune.limitSeconds = seconds
    }
}

/// How many examples training needs, and how many it takes at most.
public struct TrainingExamples: FineTuneElement {
    let minimum: Int
    let maximum: Int?
    let line: Int

    /// Sets how many examples training has.
    ///
    /// - Parameters:
    ///   - minimum: with fewer clean examples nothing is trained, and the decision is `needs-data`.
    ///   - maximum: so many are drawn where there are more; all unless said.
    ///   - line: the line on which it is written.
    public init(atLeast minimum: Int = 100, atMost maximum: Int? = nil, line: Int = #line) {
        self.minimum = minimum
        self.maximum = maximum
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).trainingExamples", line)
        fineTune.minimumExamples = minimum
        fineTune.trainingExamples = maximum
    }
}

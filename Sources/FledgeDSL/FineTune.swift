/// What happens when prompting is not enough: an adapter is trained.
public struct FineTune: UseCaseElement {
    let elements: [any FineTuneElement]
    let line: Int

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
    func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `FineTune` block.
@resultBuilder
public enum FineTuneBuilder: ElementBuilder {
    public static func buildExpression(_ element: some FineTuneElement) -> [any FineTuneElement] { [element] }

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

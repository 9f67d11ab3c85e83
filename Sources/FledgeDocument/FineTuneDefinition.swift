/// How an adapter is trained when prompting is not enough.
public struct FineTuneDefinition: Codable, Hashable, Sendable {
    /// The model that is tuned; absent, the one of the best candidate among those that can be.
    public var model: String?
    /// The model whose answers are learnt instead of the expected ones.
    public var teacher: String?
    public var lora: LoRADefinition
    public var executor: ExecutorDefinition
    /// Wall-clock seconds for one training job.
    public var limitSeconds: Int
    /// Training needs at least this many clean training examples.
    public var minimumExamples: Int
    /// Training takes at most this many examples; all of the training split when absent.
    public var trainingExamples: Int?
    /// Candidates that are compared on the adapter after training, the trained prompt among them; 3 when absent, and 1
    /// or less leaves the comparison out.
    public var adapterPrompts: Int?
    public var sweep: SweepDefinition?
    public var pilot: PilotDefinition?

    public init(
        model: String? = nil, teacher: String? = nil, lora: LoRADefinition = LoRADefinition(),
        executor: ExecutorDefinition = .local, limitSeconds: Int = 3600,
        minimumExamples: Int = 100, trainingExamples: Int? = nil, adapterPrompts: Int? = nil,
        sweep: SweepDefinition? = nil, pilot: PilotDefinition? = nil
    ) {
        self.model = model
        self.teacher = teacher
        self.lora = lora
        self.executor = executor
        self.limitSeconds = limitSeconds
        self.minimumExamples = minimumExamples
        self.trainingExamples = trainingExamples
        self.adapterPrompts = adapterPrompts
        self.sweep = sweep
        self.pilot = pilot
    }
}

/// The hyperparameters of a low-rank adapter.
public struct LoRADefinition: Codable, Hashable, Sendable {
    public var rank: Int
    public var alpha: Double
    public var dropout: Double
    public var learningRate: Double
    public var epochs: Int
    public var batchSize: Int
    public var weightDecay: Double
    public var seed: UInt64
    public var layers: LayerSelection
    /// How the base model's weights are held while the adapter is trained; in full when absent.
    public var quantised: Quantisation?
    /// Computes activations anew in the backward pass, for less memory and about a third more time.
    public var gradientCheckpointing: Bool?
    /// Batches whose gradients make one step; 1 when absent.
    public var gradientAccumulation: Int?
    /// The most tokens that a row may have; ``usualSequenceLength`` when absent.
    public var sequenceLength: Int?
    /// What becomes of rows that are longer; they are left out when absent.
    public var tooLong: LongRows?
    /// Puts several rows into one sequence.
    public var packing: Bool?
    /// How far learning from preferences may lead away from the model that it began with; 0.1 when absent.
    public var beta: Double?

    /// In tokens.
    public static let usualSequenceLength = 2048

    public init(
        rank: Int = 8, alpha: Double = 16, dropout: Double = 0.05, learningRate: Double = 1e-3, epochs: Int = 3,
        batchSize: Int = 8, weightDecay: Double = 0.01, seed: UInt64 = 1, layers: LayerSelection = .all,
        quantised: Quantisation? = nil, gradientCheckpointing: Bool? = nil, gradientAccumulation: Int? = nil,
        sequenceLength: Int? = nil, tooLong: LongRows? = nil, packing: Bool? = nil, beta: Double? = nil
    ) {
        self.rank = rank
        self.alpha = alpha
        self.dropout = dropout
        self.learningRate = learningRate
        self.epochs = epochs
        self.batchSize = batchSize
        self.weightDecay = weightDecay
        self.seed = seed
        self.layers = layers
        self.quantised = quantised
        self.gradientCheckpointing = gradientCheckpointing
        self.gradientAccumulation = gradientAccumulation
        self.sequenceLength = sequenceLength
        self.tooLong = tooLong
        self.packing = packing
        self.beta = beta
    }
}

/// A format of fewer bits for weights that are not trained.
public enum Quantisation: String, Codable, Hashable, Sendable, CaseIterable {
    /// Four bits, spaced as normally distributed values are.
    case nf4
    /// Eight bits, as whole numbers with a scale.
    case int8
}

/// What becomes of rows with more tokens than training takes.
public enum LongRows: String, Codable, Hashable, Sendable, CaseIterable {
    /// They are left out of the training.
    case leaveOut
    /// The job ends and says how many there are, and how long.
    case refuse
    /// The last user message loses its beginning.
    case truncate
}

/// The layers of the base model that get an adapter.
public enum LayerSelection: String, Codable, Hashable, Sendable, CaseIterable {
    /// Every layer.
    case all
    /// The half nearest to the output: faster, and about as good for narrow tasks.
    case upperHalf
}

/// Where a training job runs.
public enum ExecutorDefinition: String, Codable, Hashable, Sendable, CaseIterable {
    /// A process on the daemon's machine.
    case local
}

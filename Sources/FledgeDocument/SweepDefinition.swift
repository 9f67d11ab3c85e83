/// Which hyperparameters are tried before the adapter is trained, and what trying them may use.
///
/// An empty list leaves the hyperparameter at what `LoRA` says.
public struct SweepDefinition: Codable, Hashable, Sendable {
    public var ranks: [Int]
    public var learningRates: [Double]
    public var dropouts: [Double]
    public var epochs: [Int]
    public var layers: [LayerSelection]
    /// Examples of a step; absent or empty as the other lists: what `LoRA` says.
    public var batchSizes: [Int]?
    public var weightDecays: [Double]?
    /// At most so many settings are tried: all of them where there are no more, else a seeded sample.
    public var trials: Int
    /// Decides which settings are tried, in which order, and how examples are dealt into folds.
    public var seed: UInt64
    /// Training seeds: every setting is trained with each of them and scored by their mean. Empty: the seed of `LoRA`.
    public var seeds: [UInt64]
    /// One in so many trials goes on to a larger share of the data.
    public var reduction: Int
    public var folds: Int
    /// Trials are scored by cross-validation when there are fewer training examples than this.
    public var foldsBelow: Int
    /// Trainer seconds for all trials together.
    public var limitSeconds: Int?
    /// What all trials together may cost, at the price of a training hour in `CostsDefinition`.
    public var costMicroDollars: Int64?

    public init(
        ranks: [Int] = [], learningRates: [Double] = [], dropouts: [Double] = [], epochs: [Int] = [],
        layers: [LayerSelection] = [], batchSizes: [Int]? = nil, weightDecays: [Double]? = nil, trials: Int = 12,
        seed: UInt64 = 1, seeds: [UInt64] = [], reduction: Int = 3, folds: Int = 5, foldsBelow: Int = 500,
        limitSeconds: Int? = nil, costMicroDollars: Int64? = nil
    ) {
        self.ranks = ranks
        self.learningRates = learningRates
        self.dropouts = dropouts
        self.epochs = epochs
        self.layers = layers
        self.batchSizes = batchSizes
        self.weightDecays = weightDecays
        self.trials = trials
        self.seed = seed
        self.seeds = seeds
        self.reduction = reduction
        self.folds = folds
        self.foldsBelow = foldsBelow
        self.limitSeconds = limitSeconds
        self.costMicroDollars = costMicroDollars
    }
}

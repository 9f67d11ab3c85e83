/// Tries settings of the adapter's hyperparameters on a part of the data first, and keeps the best by the task's metric.
///
/// What is not named stays as `LoRA` says.
public struct Sweep: FineTuneElement {
    let elements: [any SweepElement]
    let line: Int

    /// Makes the part out of what its block holds.
    ///
    /// - Parameters:
    ///   - content: the settings to try, and the limits of the search.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @SweepBuilder _ content: () -> [any SweepElement]) {
        elements = content()
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).sweep", line)
        var sweep = SweepDefinition()
        for element in elements { element.lower(into: &sweep, at: "\(path).sweep", noting: &locations) }
        fineTune.sweep = sweep
    }
}

/// A part of a `Sweep` block.
public protocol SweepElement: Sendable {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - sweep: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `Sweep` block.
@resultBuilder
public enum SweepBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some SweepElement) -> [any SweepElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(
        *, unavailable,
        message:
            "a Sweep block takes Rank, LearningRate, Dropout, Epochs, Layers, BatchSize, WeightDecay, Trials, Seeds, Folds, Limit and Cost"
    )
    public static func buildExpression<Other>(_ other: Other) -> [any SweepElement] { [] }
}

/// Ranks to try. The adapter's alpha keeps its ratio to the rank.
public struct Rank: SweepElement {
    let values: [Int]
    let line: Int

    /// Names the values.
    ///
    /// - Parameters:
    ///   - values: each 1 to 512.
    ///   - line: the line on which it is written.
    public init(_ values: Int..., line: Int = #line) {
        self.values = values
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).ranks", line)
        sweep.ranks = values
    }
}

/// Learning rates to try.
public struct LearningRate: SweepElement {
    let values: [Double]
    let line: Int

    /// Names the values.
    ///
    /// - Parameters:
    ///   - values: each above 0 and below 1.
    ///   - line: the line on which it is written.
    public init(_ values: Double..., line: Int = #line) {
        self.values = values
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).learningRates", line)
        sweep.learningRates = values
    }
}

/// Dropouts to try, each a share from 0 up to 1.
public struct Dropout: SweepElement {
    let values: [Double]
    let line: Int

    /// Names the values.
    ///
    /// - Parameters:
    ///   - values: each 0 and more, below 1.
    ///   - line: the line on which it is written.
    public init(_ values: Double..., line: Int = #line) {
        self.values = values
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).dropouts", line)
        sweep.dropouts = values
    }
}

/// Numbers of passes over the training examples to try.
public struct Epochs: SweepElement {
    let values: [Int]
    let line: Int

    /// Names the values.
    ///
    /// - Parameters:
    ///   - values: each 1 to 100.
    ///   - line: the line on which it is written.
    public init(_ values: Int..., line: Int = #line) {
        self.values = values
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).epochs", line)
        sweep.epochs = values
    }
}

/// Selections of layers to try.
public struct Layers: SweepElement {
    let values: [LayerSelection]
    let line: Int

    /// Names the selections.
    ///
    /// - Parameters:
    ///   - values: one or more.
    ///   - line: the line on which it is written.
    public init(_ values: LayerSelection..., line: Int = #line) {
        self.values = values
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).layers", line)
        sweep.layers = values
    }
}

/// Batch sizes to try: how many examples make one step.
public struct BatchSize: SweepElement {
    let values: [Int]
    let line: Int

    /// Names the values.
    ///
    /// - Parameters:
    ///   - values: each 1 to 1024.
    ///   - line: the line on which it is written.
    public init(_ values: Int..., line: Int = #line) {
        self.values = values
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).batchSizes", line)
        sweep.batchSizes = values
    }
}

/// Weight decays to try, each from 0 up to 1.
public struct WeightDecay: SweepElement {
    let values: [Double]
    let line: Int

    /// Names the values.
    ///
    /// - Parameters:
    ///   - values: each 0 and more, below 1.
    ///   - line: the line on which it is written.
    public init(_ values: Double..., line: Int = #line) {
        self.values = values
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).weightDecays", line)
        sweep.weightDecays = values
    }
}

/// How many settings are tried, and how many of them are dropped on the way: one in `keepingOneIn` goes on to more data.
public struct Trials: SweepElement {
    let maximum: Int
    let reduction: Int
    let seed: UInt64
    let line: Int

    /// Sets how many settings are tried.
    ///
    /// - Parameters:
    ///   - maximum: 2 to 10000.
    ///   - reduction: one setting in so many goes on to the next rung: 2 to 1000.
    ///   - seed: of what is drawn: the settings, their order, and the examples of each rung.
    ///   - line: the line on which it is written.
    public init(atMost maximum: Int, keepingOneIn reduction: Int = 3, seed: UInt64 = 1, line: Int = #line) {
        self.maximum = maximum
        self.reduction = reduction
        self.seed = seed
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).trials", line)
        sweep.trials = maximum
        sweep.reduction = reduction
        sweep.seed = seed
    }
}

/// Training seeds: every setting is trained with each of them, and their mean counts.
public struct Seeds: SweepElement {
    let values: [UInt64]
    let line: Int

    /// Names the seeds.
    ///
    /// - Parameters:
    ///   - values: one or more.
    ///   - line: the line on which it is written.
    public init(_ values: UInt64..., line: Int = #line) {
        self.values = values
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).seeds", line)
        sweep.seeds = values
    }
}

/// Cross-validation where there are few training examples.
public struct Folds: SweepElement {
    let count: Int
    let limit: Int
    let line: Int

    /// Sets how often the training examples are divided.
    ///
    /// - Parameters:
    ///   - count: 2 to 20; each is a training.
    ///   - limit: with so many training examples or more there is no cross-validation.
    ///   - line: the line on which it is written.
    public init(_ count: Int, below limit: Int = 500, line: Int = #line) {
        self.count = count
        self.limit = limit
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).folds", line)
        sweep.folds = count
        sweep.foldsBelow = limit
    }
}

/// What all trials together may cost, at the price of a training hour that `Costs` names.
public struct Cost: SweepElement {
    let maximum: Money
    let line: Int

    /// Sets the most that trials may cost.
    ///
    /// - Parameters:
    ///   - maximum: above 0.
    ///   - line: the line on which it is written.
    public init(atMost maximum: Money, line: Int = #line) {
        self.maximum = maximum
        self.line = line
    }

    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).cost", line)
        sweep.costMicroDollars = maximum.microDollars
    }
}

extension Limit: SweepElement {
    /// In a `Sweep`: how long all trials together may train.
    public func lower(into sweep: inout SweepDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).limit", line)
        sweep.limitSeconds = seconds
    }
}

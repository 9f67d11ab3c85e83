import FledgeDocument

/// Every setting that a sweep may try: the product of its lists.
package struct SweepSpace: Hashable, Sendable {
    private let ranks: [Int]
    private let learningRates: [Double]
    private let dropouts: [Double]
    private let epochs: [Int]
    private let layers: [LayerSelection]
    /// One nil where the sweep names none: the grid, and the order in which it is drawn, are then those of before.
    private let batchSizes: [Int?]
    private let weightDecays: [Double?]
    private let base: TrialSetting

    /// - Parameter base: what the definition's `LoRA` says: the value of every hyperparameter that the sweep does not name.
    package init(_ sweep: SweepDefinition, base lora: LoRADefinition) {
        batchSizes = Self.named(sweep.batchSizes)
        weightDecays = Self.named(sweep.weightDecays)
        var own = TrialSetting(lora)
        if batchSizes != [nil] { own.batchSize = lora.batchSize }
        if weightDecays != [nil] { own.weightDecay = lora.weightDecay }
        base = own
        ranks = sweep.ranks.isEmpty ? [lora.rank] : sweep.ranks
        learningRates = sweep.learningRates.isEmpty ? [lora.learningRate] : sweep.learningRates
        dropouts = sweep.dropouts.isEmpty ? [lora.dropout] : sweep.dropouts
        epochs = sweep.epochs.isEmpty ? [lora.epochs] : sweep.epochs
        layers = sweep.layers.isEmpty ? [lora.layers] : sweep.layers
    }

    private static func named<Value>(_ values: [Value]?) -> [Value?] {
        guard let values, !values.isEmpty else { return [nil] }
        return values.map(Optional.some)
    }

    package var count: Int {
        [
            ranks.count, learningRates.count, dropouts.count, epochs.count, layers.count, batchSizes.count,
            weightDecays.count,
        ].reduce(1) { product, count in
            let (result, isTooLarge) = product.multipliedReportingOverflow(by: count)
            return isTooLarge ? .max : result
        }
    }

    /// The setting at a place of the grid, 0..<count.
    package func setting(at index: Int) -> TrialSetting {
        var rest = index
        func pick<Value>(_ values: [Value]) -> Value {
            defer { rest /= values.count }
            return values[rest % values.count]
        }
        return TrialSetting(
            rank: pick(ranks), learningRate: pick(learningRates), dropout: pick(dropouts), epochs: pick(epochs),
            layers: pick(layers), batchSize: pick(batchSizes), weightDecay: pick(weightDecays))
    }

    /// The settings to try, in the order in which they are begun.
    ///
    /// The whole grid where it is no larger than `limit`; else a sample without repeats, which finds good values with fewer
    /// trials than a coarser grid (Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization"). The order is
    /// drawn too, so that a budget that ends early favours no corner. The definition's own setting comes first where the
    /// space holds it: the sweep then never chooses something that it did not compare with it.
    package func settings(atMost limit: Int, seed: UInt64) -> [TrialSetting] {
        var random = SplitMix64(seed: seed)
        var places: [Int] = []
        if count <= limit {
            places = Array(0..<count).shuffled(using: &random)
        } else {
            var seen: Set<Int> = []
            while places.count < limit {
                let place = Int(random.next(below: UInt64(count)))
                if seen.insert(place).inserted { places.append(place) }
            }
        }
        var settings = places.map(setting)
        if holdsBase {
            settings.removeAll { $0 == base }
            settings.insert(base, at: 0)
        }
        return Array(settings.prefix(limit))
    }

    private var holdsBase: Bool {
        ranks.contains(base.rank) && learningRates.contains(base.learningRate) && dropouts.contains(base.dropout)
            && epochs.contains(base.epochs) && layers.contains(base.layers)
            && batchSizes.contains(base.batchSize) && weightDecays.contains(base.weightDecay)
    }
}

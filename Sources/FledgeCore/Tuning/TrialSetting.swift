import FledgeDocument

/// The hyperparameters that one trial tries.
package struct TrialSetting: Codable, Hashable, Sendable {
    package var rank: Int
    package var learningRate: Double
    package var dropout: Double
    package var epochs: Int
    package var layers: LayerSelection
    /// Nil where the sweep names none, as in settings of before: what `LoRA` says.
    package var batchSize: Int?
    package var weightDecay: Double?

    package init(
        rank: Int, learningRate: Double, dropout: Double, epochs: Int, layers: LayerSelection, batchSize: Int? = nil,
        weightDecay: Double? = nil
    ) {
        self.rank = rank
        self.learningRate = learningRate
        self.dropout = dropout
        self.epochs = epochs
        self.layers = layers
        self.batchSize = batchSize
        self.weightDecay = weightDecay
    }

    /// What a sweep that names neither batch sizes nor weight decays tries as the definition's own setting.
    package init(_ lora: LoRADefinition) {
        self.init(
            rank: lora.rank, learningRate: lora.learningRate, dropout: lora.dropout, epochs: lora.epochs,
            layers: lora.layers)
    }

    /// `rank 8, learning rate 0.001, dropout 0.05, 3 epochs, all layers`, and `, batches of 16, weight decay 0.01` where the
    /// sweep names them.
    package var words: String {
        let passes = epochs == 1 ? "1 epoch" : "\(epochs) epochs"
        let part = layers == .all ? "all layers" : "upper half of the layers"
        let batches = batchSize.map { ", batches of \($0)" } ?? ""
        let decay = weightDecay.map { ", weight decay \(CanonicalJSON.text(of: $0))" } ?? ""
        return "rank \(rank), learning rate \(CanonicalJSON.text(of: learningRate)), dropout "
            + "\(CanonicalJSON.text(of: dropout)), \(passes), \(part)\(batches)\(decay)"
    }

    /// The adapter's definition with these hyperparameters and that training seed.
    ///
    /// An adapter's update is scaled by alpha ÷ rank (Hu et al. 2021, "LoRA", §4.1): alpha keeps its ratio, so that another
    /// rank is not another learning rate in disguise.
    package func applied(to lora: LoRADefinition, seed: UInt64) -> LoRADefinition {
        var result = lora
        if rank != lora.rank { result.alpha = lora.alpha / Double(lora.rank) * Double(rank) }
        result.rank = rank
        result.learningRate = learningRate
        result.dropout = dropout
        result.epochs = epochs
        result.layers = layers
        result.batchSize = batchSize ?? lora.batchSize
        result.weightDecay = weightDecay ?? lora.weightDecay
        result.seed = seed
        return result
    }
}

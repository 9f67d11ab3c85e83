/// Small training runs at growing sizes, made before the decision to fine-tune: what more examples would bring.
public struct PilotDefinition: Codable, Hashable, Sendable {
    /// Numbers of training examples, rising.
    public var sizes: [Int]
    /// Training seeds: every size is trained with each of them. Empty: the seed of `LoRA`.
    public var seeds: [UInt64]

    public init(sizes: [Int], seeds: [UInt64] = []) {
        self.sizes = sizes
        self.seeds = seeds
    }
}

/// How a server answers the base model's questions while it answers the adapter's beside them.
package struct MixedLoad: Codable, Hashable, Sendable {
    /// The base model's questions that were asked so.
    package var calls: Int
    /// Those that got the answer that the base gives alone.
    package var agreeing: Int
    /// The same of as many calls at once of the base alone; nil where no answer differed.
    package var agreeingAlone: Int?

    package init(calls: Int, agreeing: Int, agreeingAlone: Int? = nil) {
        self.calls = calls
        self.agreeing = agreeing
        self.agreeingAlone = agreeingAlone
    }

    /// How often a server is refused that only rounds otherwise when it is busy, at the most.
    package static let alpha = 0.01
    /// As many of the base's questions are asked: where it answers alike alone, six other answers beside the adapter are too
    /// many by chance, and five are not.
    package static let leastCalls = 16

    /// Whether calls of the adapter change the base's answers more than calls of the base do.
    package var isDisturbed: Bool {
        FisherExact.fewer(agreeing, of: calls, than: agreeingAlone ?? calls, of: calls) < Self.alpha
    }

    /// What keeps the adapter from the gate; nil where nothing does.
    var problem: FledgeError? {
        guard isDisturbed else { return nil }
        return FledgeError(
            .init(rawValue: CycleState.Block.baseDisturbed),
            "while the server answers calls of the adapter, \(calls - agreeing) of \(calls) answers of the base model are "
                + "others than it gives alone: calls without an adapter are answered with one. Start the server with room for "
                + "more adapters than are ever loaded at once (vLLM: --max-loras; SGLang: --max-loras-per-batch)",
            hint: "fledge retry compares again, without training", exitCode: .badData)
    }
}

import FledgeDocument

/// The prototype split, cut in two: examples that may stand in a prompt, and examples that candidates are scored on.
///
/// Both are the same for every candidate of a cycle, so that scores are paired and no candidate is asked about an example
/// that it was shown.
package struct PrototypeSplit: Sendable {
    package let demonstrationPool: [Example]
    package let scored: [Example]

    /// - Parameters:
    ///   - examples: the prototype split.
    ///   - seed: the split's seed.
    package init(examples: [Example], definition: PromptPrototypeDefinition, seed: UInt64) {
        let ordered = examples.map { (StableHash.hash($0.group, seed: seed &+ 1), $0) }
            .sorted { ($0.0, $0.1.row) < ($1.0, $1.1.row) }
            .map(\.1)
        let most =
            (definition.prompts.map(\.demonstrations) + (definition.search?.demonstrations?.sizes ?? [])).max() ?? 0
        // Four times the demonstrations leaves something to draw from; a third keeps enough to score on.
        let poolSize = most == 0 ? 0 : min(max(4 * most, ordered.count / 5), ordered.count / 3)
        // A group never stands on both sides: move the cut to the group's end.
        var cut = poolSize
        while cut > 0, cut < ordered.count, ordered[cut].group == ordered[cut - 1].group { cut += 1 }
        demonstrationPool = Array(ordered[..<cut])
        let rest = ordered[cut...]
        scored = Array(rest.prefix(definition.rounds?.examples ?? rest.count))
    }

    /// Draws demonstrations, spread evenly over the expected answers, in an order that the seed decides.
    ///
    /// - Parameter known: the model's own answers that were right; where there are any, only these examples are drawn, with
    ///   the model's words (Khattab et al., *DSPy*, 2023, §3.3: bootstrapped few-shot).
    package func demonstrations(_ count: Int, seed: UInt64, answers known: [ExampleID: String] = [:]) -> [Demonstration]
    {
        guard count > 0 else { return [] }
        var random = SplitMix64(seed: seed)
        var byAnswer: [String: [Example]] = [:]
        let pool = known.isEmpty ? demonstrationPool : demonstrationPool.filter { known[$0.id] != nil }
        for example in pool.shuffled(using: &random) {
            byAnswer[example.expected, default: []].append(example)
        }
        var answers = byAnswer.keys.sorted().shuffled(using: &random)
        var drawn: [Example] = []
        while drawn.count < count, !answers.isEmpty {
            for answer in answers where drawn.count < count {
                guard let example = byAnswer[answer]?.popLast() else { continue }
                drawn.append(example)
            }
            answers.removeAll { byAnswer[$0]?.isEmpty ?? true }
        }
        return drawn.shuffled(using: &random).map {
            Demonstration(inputs: $0.inputs, output: known[$0.id].map(AnswerText.trimmed) ?? $0.expected)
        }
    }
}

/// The candidates that are the best on some example: parents worth changing, even where another has the better mean.
///
/// After Agrawal et al., *GEPA: Reflective prompt evolution can outperform reinforcement learning*, 2025, algorithm 2.
package struct ParetoPool: Sendable {
    /// How many examples each candidate of the front is best on, no other candidate being as good everywhere it is.
    package let wins: [CandidateID: Int]

    /// - Parameter scores: only examples that every candidate was scored on are compared.
    package init(_ scores: Race.Scores) {
        let ids = scores.keys.sorted { $0.rawValue < $1.rawValue }
        let shared = (scores.values.first ?? [:]).keys
            .filter { example in scores.values.allSatisfy { $0[example] != nil } }
        var best: [CandidateID: Set<ExampleID>] = [:]
        for example in shared {
            let top = ids.compactMap { scores[$0]?[example] }.max() ?? 0
            // An example that nobody has right tells nothing about anybody.
            guard top > 0 else { continue }
            for id in ids where scores[id]?[example] == top { best[id, default: []].insert(example) }
        }
        var front = ids.filter { best[$0] != nil }
        for id in front {
            let own = best[id] ?? []
            let isCovered = front.contains { other in
                let theirs = best[other] ?? []
                return other != id && own.isSubset(of: theirs)
                    && (own != theirs || other.rawValue < id.rawValue)
            }
            if isCovered { front.removeAll { $0 == id } }
        }
        wins = Dictionary(uniqueKeysWithValues: front.map { ($0, best[$0]?.count ?? 0) })
    }

    /// Draws parents, each as often as it is best, without repeating one.
    package func parents(_ count: Int, seed: UInt64) -> [CandidateID] {
        var random = SplitMix64(seed: seed)
        var left = wins.sorted { $0.key.rawValue < $1.key.rawValue }
        var drawn: [CandidateID] = []
        while drawn.count < count, !left.isEmpty {
            var ticket = Int(random.next(below: UInt64(left.reduce(0) { $0 + $1.value })))
            for (index, entry) in left.enumerated() {
                ticket -= entry.value
                guard ticket < 0 else { continue }
                drawn.append(entry.key)
                left.remove(at: index)
                break
            }
        }
        return drawn
    }
}

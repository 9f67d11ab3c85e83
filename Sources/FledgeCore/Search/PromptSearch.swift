import FledgeDocument

/// Which candidates a prompt round scores.
///
/// The first round scores every prompt of the definition with every model. Each later round takes the best candidates so
/// far and draws other demonstrations for them, or gives the best prompt the demonstrations that another prompt has.
package struct PromptSearch: Sendable {
    package static let variationsPerRound = 2
    package static let defaultRounds = 3

    /// A candidate with the primary metric's mean on the scored examples.
    package struct Scored: Hashable, Sendable {
        package var candidate: Candidate
        package var score: Double
        /// Prompt tokens over all its samples: the tie-breaker.
        package var promptTokens: Int

        package init(candidate: Candidate, score: Double, promptTokens: Int) {
            self.candidate = candidate
            self.score = score
            self.promptTokens = promptTokens
        }
    }

    let definition: UseCaseDefinition
    let prototype: PromptPrototypeDefinition
    let split: PrototypeSplit
    private let labels: [String]

    package init(
        definition: UseCaseDefinition, prototype: PromptPrototypeDefinition, split: PrototypeSplit, labels: [String]
    ) {
        self.definition = definition
        self.prototype = prototype
        self.split = split
        self.labels = labels
    }

    /// The candidates of a round; empty when there is nothing new to try.
    package func candidates(round: Int, scored: [Scored]) -> [Candidate] {
        let known = Set(scored.map(\.candidate.id))
        let fresh = (round <= 1 ? declared() : variations(round: round, scored: scored)).filter {
            !known.contains($0.id)
        }
        var seen: Set<CandidateID> = []
        return fresh.filter { seen.insert($0.id).inserted }
    }

    /// The best first: by score, then by the cheaper prompt, then by name.
    package static func ranked(_ scored: [Scored]) -> [Scored] {
        scored.sorted {
            ($1.score, $0.promptTokens, $0.candidate.name) < ($0.score, $1.promptTokens, $1.candidate.name)
        }
    }

    /// Those of the same model that show as many demonstrations score alike: in a race they are one family.
    package static func families(of candidates: [Candidate]) -> [CandidateID: Int] {
        let kinds = Dictionary(grouping: candidates) { "\($0.demonstrations.count) \($0.model)" }
        return kinds.sorted { $0.key < $1.key }.enumerated().reduce(into: [:]) { families, family in
            for candidate in family.element.value { families[candidate.id] = family.offset }
        }
    }

    package func declared() -> [Candidate] {
        definition.models.filter { $0.isTried != false }.flatMap { model in
            prototype.prompts.map { prompt in
                candidate(
                    named: prompt.name, system: prompt.system, user: prompt.user, demonstrations: prompt.demonstrations,
                    model: model.name, seed: 1)
            }
        }
    }

    private func variations(round: Int, scored: [Scored]) -> [Candidate] {
        let most = prototype.prompts.map(\.demonstrations).max() ?? 0
        guard most > 0 else { return [] }
        return Self.ranked(scored).prefix(2).enumerated().flatMap { place, parent in
            (0..<Self.variationsPerRound - place).map { variation in
                let base = parent.candidate.name.split(separator: "/").first.map(String.init) ?? parent.candidate.name
                let count = parent.candidate.demonstrations.isEmpty ? most : parent.candidate.demonstrations.count
                return candidate(
                    named: "\(base)/\(round)\(["a", "b", "c"][place * Self.variationsPerRound + variation])",
                    system: parent.candidate.system,
                    user: parent.candidate.user, demonstrations: count, model: parent.candidate.model,
                    seed: UInt64(truncatingIfNeeded: round &* 16 &+ place &* 4 &+ variation))
            }
        }
    }

    func candidate(
        named name: String, system: String?, user: String, demonstrations: Int, model: String, seed: UInt64
    ) -> Candidate {
        let choices: [String]? =
            switch prototype.decoding.choices {
            case .none: nil
            case .labels: labels
            case .list(let list): list
            }
        return Candidate(
            name: name, system: system, user: user, demonstrations: split.demonstrations(demonstrations, seed: seed),
            model: model, decoding: prototype.decoding, choices: choices)
    }
}

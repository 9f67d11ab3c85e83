import FledgeDocument

extension PromptSearch {
    /// What earlier rounds have taught.
    package struct Knowledge: Sendable {
        /// Candidates that were scored on every example.
        package var scored: [Scored]
        package var scores: Race.Scores
        /// Every candidate that was tried, also in part.
        package var tried: Set<CandidateID>
        /// Right answers of the best candidate to examples of the demonstration pool.
        package var answers: [ExampleID: String]

        package init(
            scored: [Scored] = [], scores: Race.Scores = [:], tried: Set<CandidateID> = [],
            answers: [ExampleID: String] = [:]
        ) {
            self.scored = scored
            self.scores = scores
            self.tried = tried
            self.answers = answers
        }
    }

    /// The candidates of a round of a definition with a `Search`; the baseline is the first of the first round.
    package func proposals(round: Int, knowing: Knowledge, search: SearchDefinition) -> [Proposal] {
        // What an earlier round left out, for lack of budget or of need, comes before what is derived from its winners.
        let made = openers(search) + (round <= 1 ? [] : successors(round: round, knowing: knowing, search: search))
        var seen = knowing.tried
        return made.filter { seen.insert($0.candidate.id).inserted }
    }

    private func openers(_ search: SearchDefinition) -> [Proposal] {
        let tried = definition.models.filter { $0.isTried != false }
        let models = search.hasGrid ? tried : Array(tried.prefix(1))
        let declared = models.flatMap { model in
            prototype.prompts.map { prompt in
                candidate(
                    named: prompt.name, system: prompt.system, user: prompt.user, demonstrations: prompt.demonstrations,
                    model: model.name, seed: 1)
            }
        }
        var made = declared.map { Proposal($0, "declared") }
        if search.hasEdits { made += declared.flatMap(edited) }
        if let settings = search.demonstrations {
            let showing = declared.filter { !$0.demonstrations.isEmpty }
            for base in showing.isEmpty ? declared : showing {
                for size in settings.sizes {
                    for set in 1...max(1, settings.sets) {
                        made.append(
                            shown(
                                base,
                                split.demonstrations(size, seed: UInt64(truncatingIfNeeded: size) << 16 | UInt64(set)),
                                "demonstrations", name: "\(size).\(set)"))
                    }
                }
            }
        }
        return made
    }

    private func successors(round: Int, knowing: Knowledge, search: SearchDefinition) -> [Proposal] {
        let best = Self.ranked(knowing.scored).map(\.candidate)
        guard let winner = best.first else { return [] }
        var made: [Proposal] = []
        if search.hasEdits { made += edited(winner) }
        if let settings = search.demonstrations {
            for (place, parent) in best.prefix(2).enumerated() {
                for set in 1...max(1, settings.sets / (2 * (place + 1))) {
                    let size =
                        parent.demonstrations.isEmpty
                        ? settings.sizes[(set - 1) % settings.sizes.count] : parent.demonstrations.count
                    let seed = UInt64(truncatingIfNeeded: round) << 32 | UInt64(place) << 24 | UInt64(set)
                    made += variations(of: parent, size: size, seed: seed, knowing: knowing, name: "\(round).\(set)")
                }
            }
        }
        return made + merged(round: round, knowing: knowing, known: best)
    }

    /// Half of the set drawn anew, another order, and, where the model's own right answers are known, a set of these.
    private func variations(
        of parent: Candidate, size: Int, seed: UInt64, knowing: Knowledge, name: String
    ) -> [Proposal] {
        var random = SplitMix64(seed: seed)
        var made: [Proposal] = []
        let drawn = split.demonstrations(size, seed: seed)
        let kept = parent.demonstrations.shuffled(using: &random).prefix(parent.demonstrations.count / 2)
        let fresh = drawn.filter { demonstration in !kept.contains { $0.inputs == demonstration.inputs } }
        made.append(
            shown(parent, Array((kept + fresh).prefix(size)).shuffled(using: &random), "demonstrations", name: name))
        if parent.demonstrations.count > 1 {
            made.append(shown(parent, parent.demonstrations.shuffled(using: &random), "reorder", name: "\(name)o"))
        }
        if !knowing.answers.isEmpty {
            let own = split.demonstrations(size, seed: seed, answers: knowing.answers)
            made.append(shown(parent, own, "bootstrap", name: "\(name)b"))
        }
        return made
    }

    /// One candidate's instruction with another's demonstrations, both from the Pareto front.
    private func merged(round: Int, knowing: Knowledge, known: [Candidate]) -> [Proposal] {
        let complete = Set(known.map(\.id))
        let pool = ParetoPool(knowing.scores.filter { complete.contains($0.key) })
        let parents = pool.parents(2, seed: UInt64(truncatingIfNeeded: round)).compactMap { id in
            known.first { $0.id == id }
        }
        guard parents.count == 2, parents[0].model == parents[1].model else { return [] }
        return zip(parents, parents.reversed()).compactMap { instructing, showing in
            guard !showing.demonstrations.isEmpty else { return nil }
            var child = instructing
            child.demonstrations = showing.demonstrations
            child.name = Self.name(instructing, "\(round)m")
            return Proposal(child, "merge", from: [instructing.id, showing.id])
        }
    }

    private func edited(_ parent: Candidate) -> [Proposal] {
        let edits = PromptEdits(
            labels: parent.choices ?? [], decoding: prototype.decoding, pool: split.demonstrationPool,
            expectedField: definition.dataset?.expected ?? "answer")
        return edits.edits(of: parent).map { name, candidate in
            var child = candidate
            child.name = Self.name(parent, name)
            return Proposal(child, "edit: \(name)", from: [parent.id])
        }
    }

    private func shown(
        _ parent: Candidate, _ demonstrations: [Demonstration], _ operation: String, name: String
    ) -> Proposal {
        var child = parent
        child.demonstrations = demonstrations
        child.name = Self.name(parent, name)
        return Proposal(child, operation, from: [parent.id])
    }

    /// A new instruction for a parent.
    package static func instructed(_ parent: Candidate, _ instruction: String, _ operation: String, name: String)
        -> Candidate
    {
        var child = parent
        child.system = instruction
        child.name = Self.name(parent, name)
        return child
    }

    private static func name(_ parent: Candidate, _ variation: String) -> String {
        let base = parent.name.split(separator: "/").first.map(String.init) ?? parent.name
        return "\(base)/\(variation)"
    }
}

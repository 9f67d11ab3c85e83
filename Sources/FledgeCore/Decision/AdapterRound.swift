import FledgeDocument

/// Which prompts are compared on a trained adapter: prompts and weights are each best for the other (Soylu et al.,
/// "Fine-Tuning and Prompt Optimization: Two Great Steps that Work Better Together", EMNLP 2024), so that what was the best
/// prompt of the base model is asked again, and need not win.
package enum AdapterRound {
    /// As many as are compared unless the definition says otherwise: the trained prompt and two others, so that the
    /// comparison takes seconds where the training took minutes.
    package static let defaultCount = 3

    /// The trained candidate first, then the best prompts of the search on the same model, each with the demonstrations
    /// that it was scored with and without them.
    ///
    /// - Parameters:
    ///   - trained: the candidate that the adapter was trained with, adapter included.
    ///   - ranked: the search's candidates, the best first.
    ///   - limit: at most so many, the trained one among them.
    package static func candidates(trained: Candidate, ranked: [PromptSearch.Scored], limit: Int) -> [Candidate] {
        var candidates = [trained]
        var seen: Set<CandidateID> = [trained.id]
        for scored in ranked where scored.candidate.model == trained.model {
            var shown = scored.candidate
            shown.adapter = trained.adapter
            let base = shown.name.split(separator: "/").first.map(String.init) ?? ""
            var bare = shown
            bare.demonstrations = []
            bare.name = base + "+lora"
            // The bare one has the prompt's own name: of the first round's, the one with demonstrations needs another.
            if shown.name == base, !shown.demonstrations.isEmpty { shown.name += "/shown" }
            shown.name += "+lora"
            for candidate in [shown, bare] where candidates.count < limit && seen.insert(candidate.id).inserted {
                candidates.append(candidate)
            }
        }
        return candidates
    }
}

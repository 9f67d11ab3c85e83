import FledgeCore
import FledgeDocument

/// What a call of a candidate costs, in micro-dollars: tokens as they were counted, at the model's price.
///
/// Tokens that a server's cache had are paid in full here: what a server charges less for them differs from one to the
/// next.
struct CallCosts: Sendable {
    let definition: UseCaseDefinition
    let samples: DecisionEvidenceReader.Samples

    /// The mean over the candidate's calls; nil without a call or without a price.
    ///
    /// - Parameter price: in the place of the model's own.
    func measured(_ candidate: Candidate, at price: TokenPrice? = nil) -> Double? {
        guard let used = samples.tokens[candidate.id], used.calls > 0 else { return nil }
        return cost(
            on: candidate.model, prompt: Double(used.prompt) / Double(used.calls),
            completion: Double(used.completion) / Double(used.calls), at: price)
    }

    /// What it would cost without its demonstrations, at the tuned model's price: prompt tokens shrink as the messages'
    /// characters do.
    ///
    /// - Parameter model: which one is tuned; the candidate's own where nil.
    func withoutDemonstrations(_ candidate: Candidate, on examples: [Example], tuned model: String?) -> Double? {
        guard let used = samples.tokens[candidate.id], used.calls > 0 else { return nil }
        var bare = candidate
        bare.demonstrations = []
        func characters(_ candidate: Candidate) -> Int {
            examples.reduce(0) { sum, example in
                sum + candidate.messages(for: example.inputs).reduce(0) { $0 + $1.content.utf8.count }
            }
        }
        let whole = characters(candidate)
        let share = whole > 0 ? Double(characters(bare)) / Double(whole) : 1
        return cost(
            on: model ?? candidate.model, prompt: share * Double(used.prompt) / Double(used.calls),
            completion: Double(used.completion) / Double(used.calls), at: definition.costs?.tunedPrice)
    }

    private func cost(on model: String, prompt: Double, completion: Double, at price: TokenPrice?) -> Double? {
        guard let price = price ?? definition.models.first(where: { $0.name == model })?.price else {
            return nil
        }
        return
            (prompt * Double(price.promptMicroDollarsPerMillion)
            + completion * Double(price.completionMicroDollarsPerMillion)) / 1_000_000
    }
}

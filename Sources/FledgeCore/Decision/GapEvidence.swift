import Foundation

/// Signs of what the model lacks: the way to answer (behaviour), or what it would have to know (knowledge).
///
/// They are hints, not a test, and no answer rests on them alone. A behaviour gap shows in answers that are not of the form
/// asked for, in one label given whatever the question, and in demonstrations that help: prompts and a small adapter mend
/// it with few examples. A knowledge gap shows in well-formed answers that are wrong all over and stay so when solved
/// examples stand in the prompt: low-rank adapters learn new knowledge slowly (Biderman et al., "LoRA Learns Less and
/// Forgets Less", 2024), so it takes more examples or a larger model.
package struct GapEvidence: Codable, Hashable, Sendable {
    package enum Finding: String, Codable, Sendable {
        case behaviour, knowledge, unclear
    }

    /// Share of answers that are of the form asked for.
    package var validRate: Double
    /// Share of the wrong answers that are not of the form asked for.
    package var malformedShareOfErrors: Double?
    /// Entropy of the answers that were given wrongly, over the most it could be, 0 (one label for everything) to 1
    /// (spread evenly over the labels); nil where answers are free or nothing is wrong.
    package var confusionEntropy: Double?
    /// What demonstrations gained on the prototype split; nil where prompts with and without were not both scored.
    package var demonstrationGain: PairedGain?

    package init(
        validRate: Double, malformedShareOfErrors: Double?, confusionEntropy: Double?, demonstrationGain: PairedGain?
    ) {
        self.validRate = validRate
        self.malformedShareOfErrors = malformedShareOfErrors
        self.confusionEntropy = confusionEntropy
        self.demonstrationGain = demonstrationGain
    }

    /// - Parameters:
    ///   - answers: given text (nil for a failed call), whether it was valid, and whether it was right.
    ///   - labels: how many labels there are to choose from; nil for free answers.
    package init(
        answers: [(text: String?, isValid: Bool, isRight: Bool)], labels: Int?, demonstrationGain: PairedGain?
    ) {
        let wrong = answers.filter { !$0.isRight }
        validRate = answers.isEmpty ? 0 : Double(answers.count(where: \.isValid)) / Double(answers.count)
        malformedShareOfErrors =
            wrong.isEmpty ? nil : Double(wrong.count { !$0.isValid }) / Double(wrong.count)
        let given = Dictionary(grouping: wrong.filter(\.isValid).compactMap(\.text)) { $0 }.mapValues(\.count)
        let total = Double(given.values.reduce(0, +))
        if let labels, labels > 1, total > 0 {
            // Shannon 1948; summed in the order of the labels, so that the last bit is the same everywhere.
            let entropy = given.sorted { $0.key < $1.key }.reduce(0.0) { sum, entry in
                let share = Double(entry.value) / total
                return sum - share * log(share)
            }
            confusionEntropy = entropy / log(Double(labels))
        } else {
            confusionEntropy = nil
        }
        self.demonstrationGain = demonstrationGain
    }

    /// Behaviour when at least half of the errors are malformed, when the wrong answers hold less than half of the entropy
    /// that they could, or when demonstrations are shown to help; knowledge when none of these is so and answers are
    /// well-formed; unclear where too little was measured.
    package var finding: Finding {
        if (malformedShareOfErrors ?? 0) >= 0.5 || (confusionEntropy ?? 1) < 0.5 || (demonstrationGain?.lower ?? 0) > 0
        {
            return .behaviour
        }
        guard confusionEntropy != nil, demonstrationGain != nil else { return .unclear }
        return .knowledge
    }
}

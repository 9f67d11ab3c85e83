import FledgeDocument
import Foundation

/// One look at the holdout, as the ledger keeps it.
package struct HoldoutLook: Codable, Hashable, Sendable {
    package var cycle: Int
    /// The look's number in its cycle, from 1.
    package var look: Int
    package var purpose: String
    package var candidate: CandidateID
    package var candidateName: String
    /// SHA-256 over the examples that were looked at.
    package var examplesSHA256: Digest
    package var examples: Int
    /// The part of the error rate that the look spent, 0…1; 0 where the same candidate was evaluated on the same examples
    /// before.
    package var share: Double
    /// The error rate that it spent of the strictest criterion.
    package var alpha: Double
    package var verdict: Verdict?
    package var at: Date
    /// Whether it came to no verdict because answers never came: it spends nothing. Nil from a daemon that does not say.
    package var isWithdrawn: Bool?

    package init(
        cycle: Int, look: Int, purpose: String, candidate: CandidateID, candidateName: String, examplesSHA256: Digest,
        examples: Int, share: Double, alpha: Double, verdict: Verdict?, at: Date, isWithdrawn: Bool? = nil
    ) {
        self.isWithdrawn = isWithdrawn
        self.cycle = cycle
        self.look = look
        self.purpose = purpose
        self.candidate = candidate
        self.candidateName = candidateName
        self.examplesSHA256 = examplesSHA256
        self.examples = examples
        self.share = share
        self.alpha = alpha
        self.verdict = verdict
        self.at = at
    }
}

/// What a look at the holdout would cost, and may use.
///
/// Each example has one error budget, whatever cycle, revision or snapshot it is looked at in: a look with k looks allowed
/// spends 1/k of it (Bonferroni), so that all verdicts that ever rest on the example are wrong with at most α together.
/// Confidence sequences do not help here: later looks bring other candidates, not more examples. An example whose budget
/// is spent is left out; when too few are left for any candidate to pass, promotion waits for fresh ones. The same
/// candidate on the same examples is the same look again, and spends nothing.
package struct HoldoutBudget: Codable, Hashable, Sendable {
    /// What has been spent on one example of the holdout.
    package struct Spent: Hashable, Sendable {
        package var example: ExampleID
        package var share: Double
        package var looks: Int

        package init(example: ExampleID, share: Double, looks: Int) {
            self.example = example
            self.share = share
            self.looks = looks
        }
    }

    /// The part of α that a look at these examples may spend.
    package var share: Double
    package var usable: [ExampleID]
    /// Examples of the holdout, used up or not.
    package var total: Int
    /// So many are needed for any candidate to pass: were every answer right, the criteria could be shown.
    package var least: Int
    /// Looks that any usable example has had before.
    package var looksBefore: Int

    package init(spent: [Spent], validation: ValidationDefinition) {
        let share = 1 / Double(max(1, validation.holdoutLooks))
        let open = spent.filter { $0.share + share <= 1 + 1e-9 }
        self.share = share
        usable = open.map(\.example)
        total = spent.count
        looksBefore = open.map(\.looks).max() ?? 0
        least = Self.least(validation, share: share)
    }

    /// Whether a look is possible.
    package var isExhausted: Bool { usable.count < min(least, total) || usable.isEmpty }

    /// Fresh examples that would let a candidate pass, and that would make the holdout as large as it is.
    package var freshNeeded: (least: Int, whole: Int) { (max(1, least - usable.count), max(1, total - usable.count)) }

    package var exhaustion: FledgeError {
        FledgeError(
            "holdout.exhausted",
            "\(total - usable.count) of the holdout's \(total) examples have been looked at as often as the error rate allows; "
                + "at least \(freshNeeded.least) fresh labelled examples are needed, all of which would have to be answered "
                + "right; \(freshNeeded.whole) to be as sure as before",
            hint: "add rows to the dataset and run fledge apply; fledge holdout shows every look")
    }

    /// The examples with which the criteria could be shown if every answer were right.
    private static func least(_ validation: ValidationDefinition, share: Double) -> Int {
        validation.require.compactMap { criterion -> Int? in
            guard criterion.metric.metric.limitsLooks,
                case .atLeast(let bar) = criterion.bound,
                bar > 0, bar < 1
            else { return nil }
            // All of n right rules out a rate below the bar when bar^n is at most α.
            return Int(saturating: (log((1 - criterion.confidence) * share) / log(bar)).rounded(.up))
        }.max() ?? 1
    }
}

/// What `fledge holdout` shows: every look, and what is left.
package struct HoldoutLedger: Codable, Hashable, Sendable {
    package var useCase: String
    package var looks: [HoldoutLook]
    package var looksAllowed: Int
    /// Of the current snapshot's holdout.
    package var examples: Int
    package var usable: Int
    package var isExhausted: Bool
    /// Fresh examples that are needed before the next look; 0 where one is possible.
    package var freshNeeded: Int
    /// What is left, and what the next look would need; nil from a daemon that does not say.
    package var forecast: HoldoutForecast?

    package init(
        useCase: String, looks: [HoldoutLook], looksAllowed: Int, budget: HoldoutBudget,
        forecast: HoldoutForecast? = nil
    ) {
        self.forecast = forecast
        self.useCase = useCase
        self.looks = looks
        self.looksAllowed = looksAllowed
        examples = budget.total
        usable = budget.usable.count
        isExhausted = budget.isExhausted
        freshNeeded = budget.isExhausted ? budget.freshNeeded.least : 0
    }
}

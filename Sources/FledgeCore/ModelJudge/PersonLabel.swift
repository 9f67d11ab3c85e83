import Foundation

/// What a person says of an answer.
package enum PersonAnswer: String, Codable, Hashable, Sendable, CaseIterable {
    case pass, fail
    /// The person would not say; the answer is not shown to them again.
    case skip
}

/// One person's label of one answer.
package struct PersonLabel: Codable, Hashable, Sendable {
    package var item: JudgedItem
    package var verdict: PersonAnswer
    /// Whoever entered it, and whose it is where that is somebody else.
    package var labelledBy: String
    package var at: Date

    package init(item: JudgedItem, verdict: PersonAnswer, labelledBy: String, at: Date) {
        self.item = item
        self.verdict = verdict
        self.labelledBy = labelledBy
        self.at = at
    }
}

extension Sequence<PersonLabel> {
    /// The answers on which most of the people who labelled them agree; a tie, or skips alone, is no label.
    ///
    /// What one person entered for several is one vote, as most of these say: whoever could name as many as they like would
    /// outvote all others.
    package var byMajority: [(item: JudgedItem, isPassed: Bool)] {
        var votes: [Digest: (item: JudgedItem, balances: [String: Int])] = [:]
        for label in self where label.verdict != .skip {
            votes[label.item.id, default: (label.item, [:])]
                .balances[Caller.voter(of: label.labelledBy), default: 0] += label.verdict == .pass ? 1 : -1
        }
        return votes.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { _, vote in
            let balance = vote.balances.values.reduce(0) { $0 + $1.signum() }
            return balance == 0 ? nil : (vote.item, balance > 0)
        }
    }
}

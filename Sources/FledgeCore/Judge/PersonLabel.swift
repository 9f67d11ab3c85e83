import Foundation

/// What a person says of an answer.
package enum PersonVerdict: String, Codable, Hashable, Sendable, CaseIterable {
    case pass, fail
    /// The person would not say; the answer is not shown to them again.
    case skip
}

/// One person's label of one answer.
package struct PersonLabel: Codable, Hashable, Sendable {
    package var item: JudgedItem
    package var verdict: PersonVerdict
    package var labelledBy: String
    package var at: Date

    package init(item: JudgedItem, verdict: PersonVerdict, labelledBy: String, at: Date) {
        self.item = item
        self.verdict = verdict
        self.labelledBy = labelledBy
        self.at = at
    }
}

extension Sequence<PersonLabel> {
    /// The answers on which most of the people who labelled them agree; a tie, or skips alone, is no label.
    package var byMajority: [(item: JudgedItem, isPassed: Bool)] {
        var votes: [Digest: (item: JudgedItem, balance: Int)] = [:]
        for label in self where label.verdict != .skip {
            votes[label.item.id, default: (label.item, 0)].balance += label.verdict == .pass ? 1 : -1
        }
        return votes.filter { $0.value.balance != 0 }.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { ($0.value.item, $0.value.balance > 0) }
    }
}

import Foundation

/// The hashes of a use case's chain and of its history, by their sequence numbers.
package struct AuditHashes: Codable, Hashable, Sendable {
    package var entries: [Int: String]
    package var transitions: [Int: String]

    package init(entries: [Int: String], transitions: [Int: String]) {
        self.entries = entries
        self.transitions = transitions
    }

    package init(chain: [AuditEntry], history: [HistoryEntry]) {
        entries = Dictionary(chain.map { ($0.sequence, $0.hash) }) { first, _ in first }
        transitions = Dictionary(history.map { ($0.sequence, $0.hash) }) { first, _ in first }
    }

    /// What stood there once and does not any more.
    ///
    /// - Parameters:
    ///   - stood: the length and the head that somebody has written down.
    ///   - words: where and when: `it stood in the database on 3 May`.
    ///   - missing: what the entries behind a sequence number were, where that is known.
    package func findings(
        against stood: AuditHead, words: String, missing: (_ after: Int) async -> String = { _ in "" }
    ) async -> [AuditFinding] {
        var findings: [AuditFinding] = []
        func add(_ row: String, _ what: String) {
            findings.append(AuditFinding(code: "audit.history_cut", row: row, sentence: "\(what); \(words)"))
        }
        if stood.entries > 0, entries[stood.entries] != stood.hash {
            let end = entries.count
            let what =
                end < stood.entries
                ? "entries \(end + 1) to \(stood.entries) of the chain are missing\(await missing(end))"
                : "entry \(stood.entries) of the chain is another one"
            add("entry \(stood.entries)", what)
        }
        if stood.transitions > 0, transitions[stood.transitions] != stood.historyHash {
            let end = transitions.count
            let what =
                end < stood.transitions
                ? "transitions \(end + 1) to \(stood.transitions) are missing"
                : "transition \(stood.transitions) is another one"
            add("transition \(stood.transitions)", what)
        }
        return findings
    }
}

import Foundation

/// The hash that chains a use case's history: changing, removing or adding an entry breaks every hash from there on.
///
/// SHA-256 over the UTF-8 text of these fields, each but the last followed by one newline: the previous entry's hash,
/// sequence, cycle number, time in microseconds since 1970 (UTC), event, stage and activity before, stage and activity
/// after, actor, evidence. Only the actor may hold a newline itself, so that the fields can be told apart from both ends.
package enum TransitionHash {
    /// What stands for the previous hash before the first entry.
    package static let origin = String(repeating: "0", count: 64)

    /// The hash that belongs to the entry; its own `hash` is not looked at.
    package static func hash(of entry: HistoryEntry) -> Digest {
        let fields = [
            entry.previousHash, String(entry.sequence), String(entry.cycle), String(microseconds(of: entry.at)),
            entry.event, entry.fromStage.rawValue, entry.fromActivity.rawValue, entry.toStage.rawValue,
            entry.toActivity.rawValue, entry.actor, entry.evidence,
        ]
        return Digest(of: fields.joined(separator: "\n"))
    }

    /// Checks a whole history, oldest entry first.
    ///
    /// - Returns: the sequence number of the first entry that is not what was recorded; nil when all are.
    package static func firstBroken(in history: [HistoryEntry]) -> Int? {
        var previous = origin
        for (index, entry) in history.enumerated() {
            let isSound =
                entry.sequence == index + 1 && entry.previousHash == previous && entry.hash == hash(of: entry).rawValue
            guard isSound else { return entry.sequence }
            previous = entry.hash
        }
        return nil
    }

    private static func microseconds(of date: Date) -> Int64 {
        Int64(saturating: (date.timeIntervalSince1970 * 1_000_000).rounded())
    }
}

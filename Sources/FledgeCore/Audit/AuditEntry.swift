/// One entry of a use case's chain of evidence: what some rows, its leaves, have as a digest, or that they went.
package struct AuditEntry: Codable, Hashable, Sendable {
    package var useCase: Int64
    package var sequence: Int
    package var kind: String
    package var subject: String
    /// `put`, `drop` or `erased`.
    package var change: String
    package var format: Int
    package var leafCount: Int
    /// Over the leaves' names and digests.
    package var digest: String
    /// Where the use case's history ended at that moment.
    package var historySequence: Int
    package var historyHash: String
    /// Whether it was chained when a database of before was migrated.
    package var isAdopted: Bool
    package var atMicroseconds: Int64
    package var note: String
    package var previousHash: String
    package var hash: String

    package init(
        useCase: Int64, sequence: Int, kind: String, subject: String, change: String, format: Int, leafCount: Int,
        digest: String, historySequence: Int, historyHash: String, isAdopted: Bool, atMicroseconds: Int64, note: String,
        previousHash: String, hash: String
    ) {
        self.useCase = useCase
        self.sequence = sequence
        self.kind = kind
        self.subject = subject
        self.change = change
        self.format = format
        self.leafCount = leafCount
        self.digest = digest
        self.historySequence = historySequence
        self.historyHash = historyHash
        self.isAdopted = isAdopted
        self.atMicroseconds = atMicroseconds
        self.note = note
        self.previousHash = previousHash
        self.hash = hash
    }

    /// The hash that belongs to the entry: SHA-256 over the UTF-8 text of its fields, with a newline between two. Its own
    /// `hash` is not looked at. Only the note, the last, may hold a newline itself.
    package var computedHash: String {
        let fields: [String] = [
            previousHash, String(useCase), String(sequence), kind, subject, change, String(format), String(leafCount),
            digest, String(historySequence), historyHash, isAdopted ? "1" : "0", String(atMicroseconds), note,
        ]
        return Digest(of: fields.joined(separator: "\n")).rawValue
    }

    /// What it is about, for people.
    package var title: String { subject.isEmpty ? kind : "\(kind) \(subject)" }

    /// What stands for the previous hash before the first entry.
    package static let origin = String(repeating: "0", count: 64)

    /// Checks a whole chain, oldest entry first.
    ///
    /// - Returns: the sequence number of the first entry that is not what was chained, or is not there; nil when all are.
    package static func firstBroken(in chain: [AuditEntry]) -> Int? { firstBroken(in: chain) {} }

    /// - Parameter pass: called for each entry: a chain may have a million.
    package static func firstBroken<Failure>(
        in chain: [AuditEntry], pass: () throws(Failure) -> Void
    ) throws(Failure) -> Int? {
        var previous = origin
        for (index, entry) in chain.enumerated() {
            try pass()
            guard entry.sequence == index + 1 else { return index + 1 }
            guard entry.previousHash == previous, entry.hash == entry.computedHash else { return entry.sequence }
            previous = entry.hash
        }
        return nil
    }
}

/// How long a use case's chain of evidence and its history are, and what they end with.
package struct AuditHead: Codable, Hashable, Sendable {
    package var entries: Int
    package var hash: String
    package var transitions: Int
    package var historyHash: String

    package init(entries: Int, hash: String, transitions: Int, historyHash: String) {
        self.entries = entries
        self.hash = hash
        self.transitions = transitions
        self.historyHash = historyHash
    }

    package static let empty = AuditHead(
        entries: 0, hash: AuditEntry.origin, transitions: 0, historyHash: TransitionHash.origin)

    /// Whether the other one has come further.
    package func isBehind(_ other: AuditHead?) -> Bool {
        guard let other else { return false }
        return (entries, transitions) < (other.entries, other.transitions)
    }

    /// A line for people.
    package var sentence: String {
        "\(entries) entries, head \(hash.prefix(12)); \(transitions) transitions, head \(historyHash.prefix(12))"
    }
}

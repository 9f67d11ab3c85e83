import FledgeCore
import Foundation
import Logging

/// The length and the head of every use case's chain and history, written down outside the database: whoever cuts an end off,
/// or deletes it all, cannot take back what stands here.
///
/// A file of JSON lines that only grows, synchronised with the disk at each addition; of a use case's lines, the one that has
/// come furthest counts. Several daemons may write to it.
package actor AuditAnchor {
    /// One line of the file.
    package struct Line: Codable, Hashable, Sendable {
        package var at: Date
        package var useCase: String
        package var head: AuditHead
        /// What the chain grew by since the line before, as far as it was written down: `12 gate 3`.
        package var added: [String]
        /// How far the tables had been looked through.
        package var place: AuditGrowth.Place

        package init(at: Date, useCase: String, head: AuditHead, added: [String], place: AuditGrowth.Place) {
            self.at = at
            self.useCase = useCase
            self.head = head
            self.added = added
            self.place = place
        }
    }

    /// Entries that one line names at most.
    private static let mostNamed = 200

    private let file: AnchorFile
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let witness: (any AuditWitness)?
    private var lines: [String: Line] = [:]
    /// The place in the tables where the next look begins, and the place where the one after it will. Each look begins
    /// one look further back, because rows that were not committed then have to be seen by the next one.
    private var place = AuditGrowth.Place()
    private var following = AuditGrowth.Place()
    /// Lines that cannot be read, besides one that a crash cut off.
    package private(set) var unreadable = 0

    /// Opens the file; made when there is none yet.
    ///
    /// - Parameters:
    ///   - witness: is told every line; at first those that stand there.
    ///   - compactFrom: from so many bytes on, the lines that count are written anew.
    ///   - patience: how long another process is waited for that has the file's lock.
    /// - Throws: `audit.anchor_not_writable`, `audit.anchor_unreadable`.
    package init(
        path: String, witness: (any AuditWitness)? = nil, compactFrom: Int = 8 * 1024 * 1024,
        patience: Duration = .seconds(10), now: @escaping @Sendable () -> Date = { Date() }, logger: Logger
    ) async throws(FledgeError) {
        file = AnchorFile(path: path, patience: patience)
        self.now = now
        self.logger = logger
        self.witness = witness
        let content = try await file.open(compactFrom: compactFrom)
        lines = content.lines
        unreadable = content.unreadable
        // A place that is too early does no harm: rows are looked at twice.
        place = content.place
        following = place
        await witness?.tell(lines.values.sorted { $0.useCase < $1.useCase })
    }

    /// What the witness was not told yet.
    package var delay: AuditDelay? { get async { await witness?.delay } }

    /// The use cases that stand in the file, sorted.
    package var names: [String] { lines.keys.sorted() }

    /// What stands there of a use case; nil when nothing does.
    package func line(of name: String) -> Line? { lines[name] }

    /// What stood in the chain behind a sequence number, as far as the file names it.
    package func named(of name: String, after sequence: Int) -> [String] {
        var named: [String] = []
        let lines: [Line]
        do { lines = try file.read() } catch {
            // Without the file, missing entries are reported by their numbers, without their kinds.
            logger.warning("the evidence's heads can't be read", metadata: ["error": "\(error)"])
            return []
        }
        for line in lines where line.useCase == name {
            named += line.added.filter { (Int($0.prefix { $0 != " " }) ?? 0) > sequence && !named.contains($0) }
        }
        return named
    }

    /// Writes down what has grown since the last look.
    ///
    /// The line of a use case whose chain does not continue from it is kept: it is the proof that entries were cut off.
    package func look(in store: any AuditStore) async throws {
        var from = place
        while true {
            let growth = try await store.auditGrowth(since: from)
            try await write(growth.grown, place: place, from: store)
            if growth.next == from { break }
            from = growth.next
        }
        place = following
        following = from
    }

    /// Writes down where one use case stands, at once.
    package func note(_ useCase: UseCaseID, name: String, in store: any AuditStore) async throws {
        let head = try await store.auditHead(of: useCase)
        try await write([AuditGrowth.Grown(useCase: useCase, name: name, head: head)], place: place, from: store)
    }

    private func write(_ grown: [AuditGrowth.Grown], place: AuditGrowth.Place, from store: any AuditStore) async throws
    {
        var new: [Line] = []
        for one in grown {
            let known = lines[one.name]?.head ?? .empty
            guard one.head != known else { continue }
            guard try await goesOn(one, from: known, in: store) else {
                logger.error(
                    "the evidence does not go on from what was written down of it",
                    metadata: [
                        "use-case": "\(one.name)", "stood": "\(known.sentence)", "stands": "\(one.head.sentence)",
                    ])
                continue
            }
            let added = try await store.auditEntries(of: one.useCase, after: known.entries)
            let line = Line(
                at: now(), useCase: one.name, head: one.head,
                added: added.prefix(Self.mostNamed).map { "\($0.sequence) \($0.title)" }, place: place)
            new.append(line)
        }
        // A look that ran at the same time may have written a later line.
        new.removeAll { line in
            guard let known = lines[line.useCase]?.head else { return false }
            return known.entries >= line.head.entries && known.transitions >= line.head.transitions
        }
        if new.isEmpty { return }
        try await file.append(new)
        // A look that ran at the same time may have written later lines.
        for line in new where !line.head.isBehind(lines[line.useCase]?.head) { lines[line.useCase] = line }
        await witness?.tell(new)
    }

    private func goesOn(_ one: AuditGrowth.Grown, from known: AuditHead, in store: any AuditStore) async throws -> Bool
    {
        guard one.head.entries >= known.entries, one.head.transitions >= known.transitions else { return false }
        let (entry, transition) = try await store.auditHashes(
            of: one.useCase, entry: known.entries, transition: known.transitions)
        return (known.entries == 0 || entry == known.hash)
            && (known.transitions == 0 || transition == known.historyHash)
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import PostgresClient

/// A transition with the history entry that it becomes.
struct RecordedTransition: Sendable {
    /// Its place in the batch.
    let index: Int
    let transition: Transition
    let entry: HistoryEntry
    /// The entry's time since 1970, whole milliseconds.
    let microseconds: Int64
}

/// Which rows of a batch are written, after what the database said of their cycles and their work.
struct BatchOutcome: Sendable {
    private(set) var outcomes: [Result<Void, any Error>]
    private(set) var written: [RecordedTransition] = []

    /// - Parameters:
    ///   - cycles: rows of `lockCycles`.
    ///   - ended: rows of `end`.
    init(_ entries: [WorkWrite], cycles: [PostgresRow], ended: [PostgresRow]) throws {
        var rows: [CycleID: PostgresRow] = [:]
        for row in cycles { rows[try row.get("id", as: CycleID.self)] = row }
        let ended = Set(try ended.map { try $0.get("id", as: WorkItemID.self) })
        outcomes = []
        outcomes.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            var recorded: RecordedTransition?
            if let transition = entry.transition {
                guard let row = rows[transition.cycle.id], try row.get("is_open", as: Bool.self),
                    try row.get("version", as: Int64.self) == transition.cycle.version
                else {
                    outcomes.append(.failure(Self.conflict(transition.cycle)))
                    continue
                }
                recorded = try Self.record(transition, index: index, after: row)
            }
            if let lease = entry.lease, !ended.contains(lease.item) {
                outcomes.append(.failure(FledgeError.lostWork(lease)))
                continue
            }
            if let recorded { written.append(recorded) }
            outcomes.append(.success(()))
        }
    }

    /// Places of the rows that failed.
    var refused: [Int] {
        outcomes.indices.filter { if case .failure = outcomes[$0] { true } else { false } }
    }

    /// Rows that an earlier try had written after all.
    mutating func accept(_ indices: Set<Int>) {
        for index in indices { outcomes[index] = .success(()) }
    }

    /// - Parameter row: the history's last sequence and hash, null before the first entry, and the time in whole milliseconds.
    static func record(
        _ transition: Transition, index: Int, after row: PostgresRow
    ) throws -> RecordedTransition {
        let cycle = transition.cycle
        let microseconds = try row.get("now_microseconds", as: Int64.self)
        var entry = HistoryEntry(
            sequence: try (row.get("sequence", as: Int?.self) ?? 0) + 1, cycle: cycle.number,
            at: Date(timeIntervalSince1970: Double(microseconds) / 1_000_000), event: transition.event.kind.rawValue,
            fromStage: cycle.state.stage, fromActivity: cycle.state.activity, toStage: transition.newState.stage,
            toActivity: transition.newState.activity, actor: transition.actor.storable,
            evidence: RecordedEvent.text(of: transition.event).storable,
            previousHash: try row.get("hash", as: String?.self) ?? TransitionHash.origin, hash: "")
        entry.hash = TransitionHash.hash(of: entry).rawValue
        return RecordedTransition(index: index, transition: transition, entry: entry, microseconds: microseconds)
    }

    private static func conflict(_ cycle: CycleHead) -> FledgeError {
        FledgeError(
            "cycle.conflict", "cycle \(cycle.number) has moved on since it was read",
            hint: "look again, then repeat")
    }
}

import FledgeCore
import FledgeEngine
import PostgresClient
import Synchronization

/// The rows that earlier tries of a batch have sent, so that they are recognised in the database if one of the tries
/// was committed and its answer lost.
final class TriedWrites: Sendable {
    private struct State {
        var entries: [[HistoryEntry]]
        var isAmbiguous = false
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(entries: Array(repeating: [], count: count))) }

    /// Whether the outcome of a COMMIT is unknown.
    var isAmbiguous: Bool { state.withLock { $0.isAmbiguous } }

    func becomeAmbiguous() { state.withLock { $0.isAmbiguous = true } }

    func note(_ written: [RecordedTransition]) {
        state.withLock { state in
            for recorded in written { state.entries[recorded.index].append(recorded.entry) }
        }
    }

    /// Those of the refused rows that are in the database as they were tried: a transition by its hash, the end of a piece of
    /// work by the fencing number, under which nobody else can have ended it.
    func recorded(
        _ refused: [Int], of batch: [WorkWrite], _ connection: PostgresConnection
    ) async throws -> Set<Int> {
        let tried = state.withLock { $0.entries }
        var found: Set<Int> = []
        let sent = refused.flatMap { index in tried[index].map { (index: index, entry: $0) } }
        let hashes = Set(
            try await connection.rows(
                HistoryStatement.recorded,
                [
                    sent.compactMap { batch[$0.index].transition?.cycle.useCase.rawValue }, sent.map(\.entry.sequence),
                    sent.map(\.entry.hash),
                ]
            ).map { try $0.get("hash", as: String.self) })
        for (index, entry) in sent where hashes.contains(entry.hash) { found.insert(index) }
        let ends = refused.filter { batch[$0].transition == nil }
        let items = Set(
            try await connection.rows(
                WorkStatement.ended,
                [
                    ends.compactMap { batch[$0].lease?.item.rawValue }, ends.compactMap { batch[$0].lease?.fence },
                ]
            ).map { try $0.get("id", as: WorkItemID.self) })
        for index in ends where batch[index].lease.map({ items.contains($0.item) }) == true { found.insert(index) }
        return found
    }
}

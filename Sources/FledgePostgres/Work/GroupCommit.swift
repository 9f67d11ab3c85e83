import Synchronization

/// Collects what comes while the last batch is on its way, and sends it together: one transaction, one flush to disk,
/// one round trip for all of them. Without load nothing waits: an entry that comes to an idle writer is sent at once,
/// alone.
///
/// No entry is delayed on purpose. Under load a batch grows by the entries that arrive while the batch before it is
/// written, which is the group commit of DeWitt et al., "Implementation Techniques for Main Memory Database Systems"
/// (SIGMOD 1984), without its timer.
final class GroupCommit<Entry: GroupedEntry, Answer: Sendable>: Sendable {
    typealias Outcome = Result<Answer, any Error>

    private struct Waiting {
        let entry: Entry
        let continuation: CheckedContinuation<Answer, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var writers = 0
        /// The subjects of the entries in the batches under way.
        var busy: Set<Entry.Subject> = []
    }

    private let state = Mutex(State())
    private let maximumBatch: Int
    private let maximumWriters: Int
    /// While a batch is under way, another one is begun only for at least so many entries. Fewer wait for the first,
    /// which saves a transaction.
    private static var worthAnother: Int { 64 }
    private let send: @Sendable ([Entry]) async -> [Outcome]

    /// - Parameters:
    ///   - writers: batches under way at once; while one waits for the disk, another computes.
    ///   - send: sends a batch, in which no two entries have a subject in common, and answers for each of its entries.
    init(maximumBatch: Int, writers: Int, send: @escaping @Sendable ([Entry]) async -> [Outcome]) {
        self.maximumBatch = maximumBatch
        maximumWriters = writers
        self.send = send
    }

    /// Sends the entry with whatever else is waiting. Once it waits it is sent, even if the caller is cancelled meanwhile.
    func submit(_ entry: Entry) async throws -> Answer {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            let starts = state.withLock { state in
                state.waiting.append(Waiting(entry: entry, continuation: continuation))
                guard state.writers < maximumWriters,
                    state.writers == 0 || state.waiting.count >= Self.worthAnother
                else { return false }
                state.writers += 1
                return true
            }
            // The task ends when nothing waits any more. It works for all callers, so it is not the child of any of
            // them, whose cancellation would end it.
            if starts { Task { await self.drain() } }
        }
    }

    private func drain() async {
        while let batch = take() {
            let outcomes = await send(batch.map(\.entry))
            state.withLock { state in
                for waiting in batch { state.busy.subtract(waiting.entry.subjects) }
            }
            for (waiting, outcome) in zip(batch, outcomes) { waiting.continuation.resume(with: outcome) }
        }
    }

    /// The next batch; nil ends the writer. Entries whose subject is in a batch under way stay behind: the writer of
    /// that batch looks for them when it is done.
    private func take() -> [Waiting]? {
        state.withLock { state in
            if state.writers > 1, state.waiting.count < Self.worthAnother {
                // The other writer looks when it is done.
                state.writers -= 1
                return nil
            }
            var batch: [Waiting] = []
            var rest: [Waiting] = []
            for waiting in state.waiting {
                if batch.count < maximumBatch, state.busy.isDisjoint(with: waiting.entry.subjects) {
                    state.busy.formUnion(waiting.entry.subjects)
                    batch.append(waiting)
                } else {
                    rest.append(waiting)
                }
            }
            state.waiting = rest
            guard batch.isEmpty else { return batch }
            state.writers -= 1
            return nil
        }
    }
}

/// Something that is sent in a group.
protocol GroupedEntry: Sendable {
    associatedtype Subject: Hashable & Sendable
    /// What it is about: entries with a subject in common go one after the other, in the order in which they came.
    var subjects: [Subject] { get }
}

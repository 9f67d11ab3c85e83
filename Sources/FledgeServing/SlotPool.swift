import FledgeCore
import Synchronization

/// Hands out the slots of a llama.cpp server so that questions with the same beginning follow each other on a slot.
///
/// A slot keeps the keys and values of its last prompt: the beginning that the next prompt shares with it need not be
/// read again. Two use cases that take turns on a slot would read everything every time.
final class SlotPool: Sendable {
    private struct Waiter {
        var id: UInt64
        var prefix: Digest
        var continuation: CheckedContinuation<Int, any Error>
    }

    private struct Slot {
        var prefix: Digest?
        var isFree = true
        /// Questions in a row with the same beginning.
        var streak = 0
    }

    private struct State {
        var slots: [Slot]
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0

        mutating func take(_ index: Int, for prefix: Digest) {
            slots[index].streak = slots[index].prefix == prefix ? slots[index].streak + 1 : 1
            slots[index].prefix = prefix
            slots[index].isFree = false
        }

        func freeSlot(for prefix: Digest) -> Int? {
            let free = slots.indices.filter { slots[$0].isFree }
            return free.first { slots[$0].prefix == prefix } ?? free.first { slots[$0].prefix == nil } ?? free.first
        }
    }

    /// After so many questions in a row a slot goes to whoever has waited longest.
    private static let longestStreak = 64

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(slots: Array(repeating: Slot(), count: max(1, count)))) }

    /// Questions that wait for a slot.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Waits for a slot, which has to be given back with `release`.
    func acquire(prefix: Digest) async throws -> Int {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int, any Error>) in
                let slot = state.withLock { state -> Int? in
                    if let slot = state.freeSlot(for: prefix) {
                        state.take(slot, for: prefix)
                        return slot
                    }
                    state.waiters.append(Waiter(id: id, prefix: prefix, continuation: continuation))
                    return nil
                }
                if let slot { continuation.resume(returning: slot) } else if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    func release(_ slot: Int) {
        let next = state.withLock { state -> Waiter? in
            state.slots[slot].isFree = true
            guard !state.waiters.isEmpty else { return nil }
            let freed = state.slots[slot]
            let isTired = freed.streak >= Self.longestStreak
            let same = isTired ? nil : state.waiters.firstIndex { $0.prefix == freed.prefix }
            let waiter = state.waiters.remove(at: same ?? 0)
            if isTired { state.slots[slot].streak = 0 }
            state.take(slot, for: waiter.prefix)
            return waiter
        }
        next?.continuation.resume(returning: slot)
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}

import FledgeCore

/// The slots of a llama.cpp server, handed out so that questions with the same beginning follow each other on a slot.
///
/// A slot keeps the keys and values of its last prompt: the beginning that the next prompt shares with it need not be
/// read again. Two use cases that take turns on a slot would read everything every time.
struct PromptSlots: Sendable {
    private struct Slot {
        var prefix: Digest?
        var isFree = true
        /// Questions in a row with the same beginning.
        var streak = 0
    }

    /// After so many questions in a row a slot goes to whoever has waited longest.
    private static let longestStreak = 64

    private var slots: [Slot]

    /// - Parameter count: at least one.
    init(count: Int) { slots = Array(repeating: Slot(), count: max(1, count)) }

    var count: Int { slots.count }

    /// Whether a free slot is better used by a question with this beginning than by one that has waited longer.
    func favours(_ prefix: Digest?) -> Bool {
        slots.contains { $0.isFree && $0.prefix == prefix && $0.prefix != nil && $0.streak < Self.longestStreak }
    }

    /// The slot that has the beginning, or else one that was never used, or else any.
    ///
    /// - Returns: nil where none is free.
    mutating func take(for prefix: Digest?) -> Int? {
        let free = slots.indices.filter { slots[$0].isFree }
        guard
            let index = free.first(where: { slots[$0].prefix == prefix }) ?? free.first(where: {
                slots[$0].prefix == nil
            })
                ?? free.first
        else { return nil }
        let isSame = slots[index].prefix == prefix && slots[index].streak < Self.longestStreak
        slots[index] = Slot(prefix: prefix, isFree: false, streak: isSame ? slots[index].streak + 1 : 1)
        return index
    }

    mutating func giveBack(_ index: Int) { slots[index].isFree = true }
}

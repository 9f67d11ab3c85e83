/// A queue with a line for each key, served in turns: however long one line is, the first in another waits for one round.
package struct FairQueue<Key: Hashable & Sendable, Element: Sendable>: Sendable {
    /// First in, first out, without moving the rest at each step.
    private struct Line<Item: Sendable>: Sendable {
        private var items: [Item] = []
        private var head = 0

        var isEmpty: Bool { head == items.count }
        mutating func add(_ item: Item) { items.append(item) }

        mutating func next() -> Item? {
            guard head < items.count else { return nil }
            defer {
                head += 1
                if head > 64, head * 2 > items.count {
                    items.removeFirst(head)
                    head = 0
                }
            }
            return items[head]
        }
    }

    private var lines: [Key: Line<Element>] = [:]
    /// Each key with a line, once.
    private var turns = Line<Key>()
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }
    /// Keys that have somebody waiting.
    package var keys: Int { lines.count }

    package mutating func add(_ element: Element, for key: Key) {
        if lines[key] == nil { turns.add(key) }
        lines[key, default: Line()].add(element)
        count += 1
    }

    package mutating func next() -> Element? {
        guard let key = turns.next(), let element = lines[key]?.next() else { return nil }
        count -= 1
        if lines[key]?.isEmpty == true { lines[key] = nil } else { turns.add(key) }
        return element
    }
}

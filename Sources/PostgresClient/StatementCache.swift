/// The statements prepared on one connection, by their SQL; the least recently used goes first.
struct StatementCache {
    struct Entry {
        var name: String
        var used: UInt64
    }

    let capacity: Int
    private var entries: [String: Entry] = [:]
    private var clock: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { entries.count }

    mutating func name(for sql: String) -> String? {
        guard let index = entries.index(forKey: sql) else { return nil }
        clock += 1
        entries.values[index].used = clock
        return entries.values[index].name
    }

    /// A name for a statement that is about to be prepared. It is known only once `insert` has been called.
    mutating func newName() -> String {
        clock += 1
        return "fledge_\(clock)"
    }

    /// Remembers a prepared statement; returns the name of the one that must be deallocated for it.
    mutating func insert(_ sql: String, name: String) -> String? {
        var evicted: String?
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.used < $1.value.used }) {
            evicted = oldest.value.name
            entries[oldest.key] = nil
        }
        clock += 1
        entries[sql] = Entry(name: name, used: clock)
        return evicted
    }

    mutating func remove(_ sql: String) -> String? { entries.removeValue(forKey: sql)?.name }

    mutating func removeAll() { entries.removeAll() }
}

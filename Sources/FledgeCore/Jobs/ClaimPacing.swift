/// When a worker asks the queue for more, and for how much: one claim at a time, for every place that is free by then.
///
/// Places that become free while a claim is under way are filled together by the next, so that claims grow with the load
/// instead of coming once a piece, and an idle worker still asks at once.
package struct ClaimPacing: Sendable {
    package let places: Int
    package private(set) var running = 0
    private var asked: Int?
    /// Whether something may be due that no claim has looked for.
    private var isStale = false

    package init(places: Int) { self.places = max(1, places) }

    /// A hint has come, or it is time to look.
    package mutating func look() { isStale = true }

    /// A piece of work has ended: a place is free, and what it led to may be due.
    package mutating func finished() {
        running -= 1
        isStale = true
    }

    /// - Returns: how many to claim now; nil when a claim is under way, nothing is free or nothing can be due.
    package mutating func next() -> Int? {
        guard asked == nil, isStale, running < places else { return nil }
        isStale = false
        asked = places - running
        return asked
    }

    /// The claim has brought so many. One that brought all that it asked for may have left more behind.
    package mutating func claimed(_ count: Int) {
        if count == asked { isStale = true }
        asked = nil
        running += count
    }
}

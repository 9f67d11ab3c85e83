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
    /// Whether a piece is under way that nothing may be done beside.
    private var isAlone = false
    /// Whether nothing more is begun until all that is under way has ended: a piece waits that is to be done alone.
    package var isFreeingItself = false

    package init(places: Int) { self.places = max(1, places) }

    /// A hint has come, or it is time to look.
    package mutating func look() { isStale = true }

    /// A piece of work has ended: a place is free, and what it led to may be due.
    package mutating func finished() {
        running -= 1
        if running == 0 { isAlone = false }
        isStale = true
    }

    /// What is done alone has gone on for so long that other work may be done beside it.
    package mutating func proven() { isAlone = false }

    /// - Returns: how many to claim now; nil when a claim is under way, nothing is free or nothing can be due.
    package mutating func next() -> Int? {
        guard asked == nil, isStale, running < places, isIdle || !(isAlone || isFreeingItself) else { return nil }
        isStale = false
        asked = places - running
        return asked
    }

    /// No work is under way, so no work can end before the next claim brings some.
    package var isIdle: Bool { running == 0 }

    /// The claim has brought so many. One that brought all that it asked for may have left more behind.
    ///
    /// - Parameter alone: whether what it brought is done with nothing beside it.
    package mutating func claimed(_ count: Int, alone: Bool = false) {
        isAlone = alone && count > 0
        if count == asked { isStale = true }
        asked = nil
        running += count
    }
}

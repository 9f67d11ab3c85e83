/// Which trials of a crew are at work, which wait for a place, and how many there is room for.
struct TrialRoster: Sendable {
    private(set) var running: [OpenTrial] = []
    /// The number of the next trial that is begun.
    private(set) var nextNumber: Int
    private var waiting: [OpenTrial]
    /// Trials at the front of those waiting whose jobs the executor has: they are followed, whatever the room.
    private var submitted: Int
    private var room: Int
    private let places: Int

    /// - Parameters:
    ///   - open: trials that an earlier attempt at the work has begun.
    ///   - begun: the highest number that was given; they are given in the order in which trials are begun.
    ///   - places: how many may be at work at once, 1 or more.
    init(_ open: [OpenTrial], begun: Int, places: Int) {
        let known = open.filter { $0.job.externalID != nil }
        waiting = known + open.filter { $0.job.externalID == nil }
        submitted = known.count
        nextNumber = max(begun, open.map(\.number).max() ?? 0) + 1
        room = places
        self.places = places
    }

    var hasRoom: Bool { running.count < room || submitted > 0 }
    /// Whether fewer are at work than could be, because there was no place for more.
    var isNarrowed: Bool { room < places }

    /// The trial that waits for longest.
    mutating func takeUp() -> OpenTrial? {
        if waiting.isEmpty { return nil }
        submitted = max(0, submitted - 1)
        return waiting.removeFirst()
    }

    mutating func start(_ trial: OpenTrial) {
        running.append(trial)
        nextNumber = max(nextNumber, trial.number + 1)
    }

    mutating func end(_ trial: OpenTrial) { running.removeAll { $0.number == trial.number } }

    /// The trial found no place: there is room for those that are at work, until one of them ends or `widen` is called.
    mutating func putBack(_ trial: OpenTrial) {
        end(trial)
        waiting.append(trial)
        room = max(1, running.count)
    }

    /// Lets one more be tried than are at work.
    mutating func widen() { room = min(places, max(room, running.count) + 1) }
}

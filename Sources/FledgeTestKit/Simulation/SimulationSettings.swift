import FledgeCore

/// The size of one simulated story. Times are in microseconds.
package struct SimulationSettings: Sendable {
    package var daemons = 3
    /// Pieces of work that a daemon has at once.
    package var places = 2
    package var useCases = 2
    /// Calls of the store with faults.
    package var steps = 150
    /// Calls without, by which everything has to have come to rest.
    package var stepsToRest = 6_000
    /// When the faults stop although there were not as many calls.
    var timeToCalm: Int64 = 3_600_000_000
    /// The time by which it has to, after the last fault.
    var timeToRest: Int64 = 4 * 3_600_000_000
    package var lease: Int64 = 15_000_000
    package var pollInterval: Int64 = 2_000_000
    package var scheduleInterval: Int64 = 5_000_000
    /// Which faults there are; nil for those that the seed draws.
    var faults: SimulatedFaults?
    /// People apply one definition each, and leave the rest to the daemons.
    var isScripted = false
    /// Whoever's command was cut off does not give it again.
    var givesUp = false
    /// Whether each use case has a report schedule.
    var reports = false
    /// The story goes on for at least so long.
    var shortest: Int64 = 0
    /// How long work takes that is no training, in milliseconds.
    var workSpan: ClosedRange<UInt64> = 10...8_000
    /// What work comes to, by what is to be done and how often it was claimed; nil where it is drawn.
    var ending: (@Sendable (CycleAction, Int64, PlantedBug?) -> SimulatedWork.Ending?)?
    /// Whether work gets on before it fails, as one does that has written some of its answers.
    var progresses = false
    /// What else has to be so at the end: what is wrong, or nil.
    var expectation: (@Sendable (SimulatedStore) -> String?)?
    /// What happens besides, to whom and when.
    var incidents: [Incident] = []

    /// When listeners that never listen again fall silent.
    static let listenersLastFor: Int64 = 20_000_000

    package init() {}

    /// Something that happens to a daemon at a time of its own.
    struct Incident: Sendable {
        enum What: Sendable {
            case crash, shutdown
            case stall(Int64)
            /// Nothing of what it sends reaches the database for so long.
            case cutOff(Int64)
            /// It is gone for so long.
            case outage(Int64)
        }

        var at: Int64
        var daemon: Int
        var what: What
    }
}

/// How often what goes wrong, of a thousand. Each seed draws its own: a story with one kind of fault finds what one with
/// all of them hides (Groce et al., "Swarm Testing", ISSTA 2012).
struct SimulatedFaults: Sendable, Hashable {
    /// A daemon is killed, or a person's command is cut off.
    var crash: UInt64 = 0
    /// A daemon is asked to end.
    var shutdown: UInt64 = 0
    var stall: UInt64 = 0
    var lostCall: UInt64 = 0
    /// The database takes seconds.
    var slowAnswer: UInt64 = 0
    var lostHint: UInt64 = 0
    var shiftedClock: UInt64 = 0

    static let none = SimulatedFaults()

    init() {}

    init(drawnBy random: inout SplitMix64) {
        let rates: [UInt64] = [0, 5, 20, 100, 250]
        func draw() -> UInt64 { rates[Int(random.next(below: UInt64(rates.count)))] }
        crash = draw()
        shutdown = draw() / 5
        stall = draw()
        lostCall = draw()
        slowAnswer = draw()
        lostHint = draw() * 4
        shiftedClock = draw() * 4
    }
}

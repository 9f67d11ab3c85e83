import FledgeCore

/// The size of one simulated story. Times are in microseconds.
package struct SimulationSettings: Sendable, Hashable {
    package var daemons = 3
    /// Pieces of work that a daemon has at once.
    package var places = 2
    package var useCases = 2
    /// Turns with faults.
    package var steps = 150
    /// Turns without, by which everything has to have come to rest.
    package var stepsToRest = 6_000
    package var lease: Int64 = 15_000_000
    package var pollInterval: Int64 = 2_000_000
    package var scheduleInterval: Int64 = 5_000_000

    package init() {}
}

/// How often what goes wrong, of a thousand. Each seed draws its own: a story with one kind of fault finds what one with
/// all of them hides (Groce et al., "Swarm Testing", ISSTA 2012).
struct SimulatedFaults: Sendable, Hashable {
    var crash: UInt64 = 0
    var stall: UInt64 = 0
    var lostCall: UInt64 = 0
    var lostHint: UInt64 = 0
    var shiftedClock: UInt64 = 0

    static let none = SimulatedFaults()

    private init() {}

    init(drawnBy random: inout SplitMix64) {
        let rates: [UInt64] = [0, 5, 20, 100, 250]
        func draw() -> UInt64 { rates[Int(random.next(below: UInt64(rates.count)))] }
        crash = draw()
        stall = draw()
        lostCall = draw()
        lostHint = draw() * 4
        shiftedClock = draw() * 4
    }
}

import FledgeEngine

/// The steady clock of a simulated process. It may run slow; no two processes have to agree.
struct SimulatedClock: SteadyClock {
    typealias Instant = ContinuousClock.Instant

    /// Only what lies between two instants counts, so that any will do for the beginning of all stories.
    private static let origin = ContinuousClock.now

    let process: SimulatedProcess

    var now: Instant { Self.origin.advanced(by: .microseconds(process.localTime)) }
    var minimumResolution: Duration { .microseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let (seconds, attoseconds) = Self.origin.duration(to: deadline).components
        try await process.sleep(untilLocal: seconds * 1_000_000 + (attoseconds + 999_999_999_999) / 1_000_000_000_000)
    }
}

import FledgeCore

/// Stories of a fleet, one a seed.
package struct Simulation: Sendable {
    package struct Outcome: Sendable {
        package var seed: UInt64
        package var steps: Int
        package var transitions: Int
        /// Virtual time that has passed.
        package var duration: Duration
        package var violation: SimulationChecker.Violation?
    }

    package var settings: SimulationSettings
    package var bug: PlantedBug?

    package init(settings: SimulationSettings = SimulationSettings(), bug: PlantedBug? = nil) {
        self.settings = settings
        self.bug = bug
    }

    package func run(seed: UInt64) -> Outcome {
        outcome(of: SimulatedFleet(seed: seed, settings: settings, bug: bug), seed: seed)
    }

    /// The same story, with every step written down.
    package func trace(seed: UInt64) -> (outcome: Outcome, steps: [SimulationStep], store: SimulatedStore) {
        let fleet = SimulatedFleet(seed: seed, settings: settings, bug: bug, keepsTrace: true)
        let outcome = outcome(of: fleet, seed: seed)
        return (outcome, fleet.trace, fleet.store)
    }

    private func outcome(of fleet: SimulatedFleet, seed: UInt64) -> Outcome {
        var violation: SimulationChecker.Violation?
        do { try fleet.run() } catch { violation = error }
        return Outcome(
            seed: seed, steps: fleet.steps,
            transitions: fleet.store.useCases.reduce(0) { $0 + $1.history.count },
            duration: .microseconds(fleet.now), violation: violation)
    }

    /// The first seed of the range whose story breaks a promise.
    package func firstViolation(in seeds: Range<UInt64>) -> Outcome? {
        for seed in seeds {
            let outcome = run(seed: seed)
            if outcome.violation != nil { return outcome }
        }
        return nil
    }
}

import FledgeCore

/// A failure of another engine that somebody has published, as a story that Fledge's services have to get through.
///
/// The planted mistake is that fault put into Fledge: with it, the story has to break.
package struct PublishedFailure: Sendable, CustomStringConvertible {
    package var name: String
    package var repository: String
    package var issue: Int
    /// What happened there.
    package var failure: String
    package var bug: PlantedBug
    var settings: SimulationSettings

    package var description: String { "\(name) (\(repository)#\(issue))" }

    /// - Parameter isPlanted: whether Fledge has the fault.
    package func story(isPlanted: Bool = false) -> Simulation {
        Simulation(settings: settings, bug: isPlanted ? bug : nil)
    }

    init(
        _ name: String, _ repository: String, _ issue: Int, _ failure: String, planted bug: PlantedBug,
        _ change: (inout SimulationSettings) -> Void
    ) {
        self.name = name
        self.repository = repository
        self.issue = issue
        self.failure = failure
        self.bug = bug
        settings = SimulationSettings()
        settings.isScripted = true
        settings.faults = SimulatedFaults.none
        settings.ending = Self.straightOn
        settings.expectation = Self.everyUseCaseIsLive
        change(&settings)
    }

    /// Every use case gets to production by its prompts.
    private static let straightOn: @Sendable (CycleAction, Int64, PlantedBug?) -> SimulatedWork.Ending? = {
        action, _, _ in SimulatedWork.straightOn(action)
    }

    private static let everyUseCaseIsLive: @Sendable (SimulatedStore) -> String? = { store in
        store.cycles.indices.first { store.cycles[$0].state.activity != .live || store.cycles[$0].state.block != nil }
            .map { "cycle \($0) has stopped at \(store.cycles[$0].state.activity.rawValue)" }
    }
}

import FledgeCore
import FledgeEngine
import FledgeTestKit
import Testing

/// Every fault of a model server, at every place where it can be met: none becomes evidence.
///
/// Of each mode the table says what Fledge has to do. Besides, whatever the fault: while it lasts no gate is judged and
/// nothing is decided; no more is paid than the cap; when its cause is gone, `retry` finishes with the scores of an
/// undisturbed run, and no question that had its answer before the fault is asked again.
@Suite("Faults of model servers") struct FaultConformanceTests {
    /// The slowest fault hangs for all tries of all attempts, on cores that may be busy with other things.
    private static let limit = Duration.seconds(300)

    @Test("no fault becomes evidence, wherever it is met")
    func faults() async throws {
        // Beside each other, so that what waits for one doesn't keep the others; what waits longest begins first.
        let scenarios = FaultMode.all.flatMap(FaultScenario.all)
        let met = scenarios.filter(\.hangs) + scenarios.filter { !$0.hangs }
        try await FaultEngine.run { engine in
            let met = try await Self.apply(met + FaultSession.Place.allCases.map(Self.undisturbed), engine)
            try await engine.withWorker("first") {
                _ = try await engine.untilAllEnded(within: Self.limit)
                try await Self.verify(met, engine)
            }
        }
    }

    @Test("a fault that lasts through a restart of the daemon does not become evidence")
    func restart() async throws {
        let scenarios = FaultMode.all.filter { FaultScenario.restarted.contains($0.name) }
            .map { FaultScenario(mode: $0.name, place: .middle) }
        try await FaultEngine.run { engine in
            let met = try await Self.apply(scenarios + [Self.undisturbed(.middle)], engine)
            try await engine.withWorker("first") {
                let isHit = await eventually(within: .seconds(60)) { met.dropLast().allSatisfy { $0.session.hits > 0 } }
                #expect(isHit, "some never met their fault")
            }
            try await engine.withWorker("second") {
                _ = try await engine.untilAllEnded(within: Self.limit)
                try await Self.verify(met, engine)
            }
        }
    }

    // MARK: - One scenario

    /// The mode that is none, under the name of one.
    private static func undisturbed(_ place: FaultSession.Place) -> FaultScenario {
        FaultScenario(mode: FaultMode.none.name, place: place)
    }

    private static func apply(_ scenarios: [FaultScenario], _ engine: FaultEngine) async throws -> [MetFault] {
        var met: [MetFault] = []
        for scenario in scenarios {
            let mode = try #require(FaultMode.named(scenario.mode))
            met.append(MetFault(scenario: scenario, mode: mode, session: try await engine.apply(scenario, mode)))
        }
        return met
    }

    /// What has to hold now that all have ended, and again when the causes are gone.
    private static func verify(_ met: [MetFault], _ engine: FaultEngine) async throws {
        var problems: [FaultScenario: [String]] = [:]
        let undisturbed = try await undisturbedEvidence(met, engine)
        let faults = met.filter { $0.mode.name != FaultMode.none.name }
        for one in faults {
            let ending = try await engine.ending(of: one.scenario.name)
            problems[one.scenario] = one.problems(ending, undisturbed: try undisturbed(one))
            one.session.mend()
            if !ending.isLive { _ = try? await engine.control.send(.retry, to: one.scenario.name, actor: "ada") }
        }
        _ = try await engine.untilAllEnded(within: limit)
        for one in faults where one.scenario.share == .all {
            let ending = try await engine.ending(of: one.scenario.name)
            problems[one.scenario]? += one.problemsMended(ending, undisturbed: try undisturbed(one))
        }
        for one in faults where problems[one.scenario]?.isEmpty == false {
            Issue.record("\(one.scenario): \(problems[one.scenario]?.joined(separator: "; ") ?? "")")
        }
    }

    /// Finds the evidence of a run of the same kind that nothing disturbs: at the same place, judged or not.
    private static func undisturbedEvidence(
        _ met: [MetFault], _ engine: FaultEngine
    ) async throws -> (MetFault) throws -> FaultEnding.Evidence {
        var plain: [FaultSession.Place: FaultEnding.Evidence] = [:]
        for one in met where one.mode.name == FaultMode.none.name {
            let sound = try await engine.ending(of: one.scenario.name)
            #expect(sound.isLive, "\(one.scenario), undisturbed, is \(sound.words): \(sound.text)")
            plain[one.scenario.place] = sound.evidence
        }
        var judged: FaultEnding.Evidence?
        if let one = met.first(where: { $0.mode.name == FaultMode.soundJudge && $0.isJudge }) {
            judged = try await engine.ending(of: one.scenario.name).evidence
        }
        return { one in try #require(one.isJudge ? judged : plain[one.scenario.place]) }
    }
}

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
    /// Use cases that are applied or looked at together.
    private static let atOnce = 8

    @Test("no fault becomes evidence, wherever it is met")
    func faults() async throws {
        // All places at once: where one waits, the others go on.
        let scenarios = FaultMode.all.flatMap(FaultScenario.all) + FaultSession.Place.allCases.map(Self.undisturbed)
        try await FaultEngine.run { engine in
            let met = try await Self.apply(scenarios, engine)
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
                let isHit = await eventually { met.dropLast().allSatisfy { $0.session.hits > 0 } }
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
        try await scenarios.concurrentMap(atOnce: atOnce) { scenario in
            let mode = try #require(FaultMode.named(scenario.mode))
            return MetFault(scenario: scenario, mode: mode, session: try await engine.apply(scenario, mode))
        }
    }

    /// What has to hold now that all have ended, and again when the causes are gone.
    private static func verify(_ met: [MetFault], _ engine: FaultEngine) async throws {
        let undisturbed = try await undisturbedEvidence(met, engine)
        let faults = met.filter { $0.mode.name != FaultMode.none.name }
        let problems = try await faults.concurrentMap(atOnce: atOnce) { one in
            let ending = try await engine.ending(of: one.scenario.name)
            let problems = one.problems(ending, undisturbed: try undisturbed(one))
            one.session.mend()
            if !ending.isLive { _ = try? await engine.control.send(.retry, to: one.scenario.name, actor: "ada") }
            return problems
        }
        _ = try await engine.untilAllEnded(within: limit)
        let problemsMended = try await faults.concurrentMap(atOnce: atOnce) { one -> [String] in
            guard one.scenario.share == .all else { return [] }
            let ending = try await engine.ending(of: one.scenario.name)
            return one.problemsMended(ending, undisturbed: try undisturbed(one))
        }
        for (one, (before, after)) in zip(faults, zip(problems, problemsMended)) where !(before + after).isEmpty {
            Issue.record("\(one.scenario): \((before + after).joined(separator: "; "))")
        }
    }

    /// Finds the evidence of a run of the same kind that nothing disturbs: at the same place, judged or not.
    private static func undisturbedEvidence(
        _ met: [MetFault], _ engine: FaultEngine
    ) async throws -> @Sendable (MetFault) throws -> FaultEnding.Evidence {
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
        return { [plain, judged] one in try #require(one.isJudge ? judged : plain[one.scenario.place]) }
    }
}

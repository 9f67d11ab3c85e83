import FledgeCore
import FledgeEngine
import FledgeTestKit
import Testing

/// Every fault of a model server, at every place where it can be met: none becomes evidence.
///
/// Of each mode the table says what Fledge has to do. Besides, whatever the fault: while it lasts no gate is judged and
/// nothing is decided; no more is paid than the cap; when its cause is gone, `retry` finishes with the scores of an
/// undisturbed run, and no question that had its answer before the fault is asked again.
@Suite("Faults of model servers", .serialized) struct FaultConformanceTests {
    /// The slowest fault hangs for all tries of all attempts.
    private static let limit = Duration.seconds(150)

    @Test("no fault becomes evidence, wherever it is met", arguments: FaultSession.Place.allCases)
    func faults(_ place: FaultSession.Place) async throws {
        let scenarios = FaultMode.all.flatMap(FaultScenario.all).filter { $0.place == place }
        try await FaultEngine.run { engine in
            let met = try await Self.apply(scenarios + [Self.undisturbed(place)], engine)
            try await engine.withWorker("first") {
                try await engine.untilAllEnded(within: Self.limit)
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
                try await engine.untilAllEnded(within: Self.limit)
                try await Self.verify(met, engine)
            }
        }
    }

    // MARK: - One scenario

    struct Met: Sendable {
        var scenario: FaultScenario
        var mode: FaultMode
        var session: FaultSession
    }

    /// The mode that is none, under the name of one.
    private static func undisturbed(_ place: FaultSession.Place) -> FaultScenario {
        FaultScenario(mode: FaultMode.none.name, place: place)
    }

    private static func apply(_ scenarios: [FaultScenario], _ engine: FaultEngine) async throws -> [Met] {
        var met: [Met] = []
        for scenario in scenarios {
            let mode = try #require(FaultMode.named(scenario.mode))
            met.append(Met(scenario: scenario, mode: mode, session: try await engine.apply(scenario, mode)))
        }
        return met
    }

    /// What has to hold now that all have ended, and again when the causes are gone.
    private static func verify(_ met: [Met], _ engine: FaultEngine) async throws {
        let calm = try #require(met.last)
        let sound = try await engine.ending(of: calm.scenario.name)
        #expect(sound.isLive, "the undisturbed run is \(sound.words)")
        let judged = try await judgedEvidence(met, engine) ?? sound.evidence
        for one in met.dropLast() {
            let ending = try await engine.ending(of: one.scenario.name)
            let wanted = one.scenario.isJudged(one.mode) && one.scenario.place == .start ? judged : sound.evidence
            one.check(ending, undisturbed: wanted)
            one.session.mend()
            if !ending.isLive { _ = try? await engine.control.send(.retry, to: one.scenario.name, actor: "ada") }
        }
        try await engine.untilAllEnded(within: limit)
        for one in met.dropLast() {
            guard one.scenario.share == .all else { continue }
            let wanted = one.scenario.isJudged(one.mode) && one.scenario.place == .start ? judged : sound.evidence
            one.checkMended(try await engine.ending(of: one.scenario.name), undisturbed: wanted)
        }
    }

    /// The evidence of a judged run that nothing disturbs, where one of the modes is a judge's.
    private static func judgedEvidence(_ met: [Met], _ engine: FaultEngine) async throws -> FaultEnding.Evidence? {
        guard let one = met.first(where: { $0.mode.name == FaultMode.soundJudge }) else { return nil }
        return try await engine.ending(of: one.scenario.name).evidence
    }
}

extension FaultConformanceTests.Met {
    /// What has to be seen while the fault lasts.
    func check(_ ending: FaultEnding, undisturbed: FaultEnding.Evidence) {
        #expect(ending.paid <= FaultScenario.capMicroDollars, "\(scenario): paid \(ending.paid)")
        #expect(mode.name == FaultMode.none.name || session.hits > 0, "\(scenario): the fault was never met")
        switch mode.treatment {
        case .mended:
            #expect(ending.isLive, "\(scenario): \(ending.words) instead of live: \(ending.head)")
            guard ending.isLive else { return }
            #expect(ending.evidence == undisturbed, "\(scenario): other evidence")
        case .blocks(let code):
            checkBlocked(ending, by: code)
            if let cause = mode.cause {
                #expect(ending.text.contains(cause), "\(scenario): explain doesn't say \(cause): \(ending.head)")
            }
        case .countsApart(let word):
            #expect(
                ending.text.lowercased().contains(word.split(separator: ".").last.map(String.init) ?? word),
                "\(scenario): explain doesn't say \(word): \(ending.head)")
            switch scenario.share {
            case .few: #expect(ending.isLive, "\(scenario): \(ending.words) instead of live: \(ending.head)")
            case .all: checkBlocked(ending, by: scenario.place == .holdout ? "gate.answers_missing" : "answers.missing")
            }
        }
    }

    private func checkBlocked(_ ending: FaultEnding, by code: String) {
        #expect(ending.block == code, "\(scenario): \(ending.words) instead of blocked with \(code): \(ending.head)")
        #expect(ending.evidence.gates.isEmpty, "\(scenario): a gate was judged: \(ending.evidence.gates)")
        #expect(ending.evidence.decisions.isEmpty, "\(scenario): decided \(ending.evidence.decisions)")
        if scenario.place != .holdout { #expect(ending.looks == 0, "\(scenario): a look was spent") }
    }

    /// What has to be seen when its cause is gone and it was tried again.
    func checkMended(_ ending: FaultEnding, undisturbed: FaultEnding.Evidence) {
        #expect(ending.isLive, "\(scenario), mended: \(ending.words) instead of live: \(ending.head)")
        #expect(ending.paid <= FaultScenario.capMicroDollars, "\(scenario), mended: paid \(ending.paid)")
        #expect(ending.looks <= 1, "\(scenario), mended: \(ending.looks) looks were spent")
        if ending.isLive { #expect(ending.evidence == undisturbed, "\(scenario), mended: other evidence") }
        #expect(session.repeated == 0, "\(scenario): \(session.repeated) answers were lost and asked for again")
    }
}

extension FaultEnding {
    /// The first lines of what `fledge explain` prints.
    var head: String { text.split(separator: "\n").prefix(2).joined(separator: " | ") }
}

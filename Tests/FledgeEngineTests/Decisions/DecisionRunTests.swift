import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import PostgresClient
import Testing

@Suite struct DecisionRunTests {
    /// Two prompts, of which one has demonstrations: there is something to compare on an adapter.
    private static func definition(_ change: (inout UseCaseDefinition) -> Void = { _ in }) -> UseCaseDefinition {
        var definition = EngineFixture.definition()
        definition.promptPrototype?.prompts.append(
            PromptDefinition(name: "few", system: "Even or odd?", user: "{{text}}", demonstrations: 2))
        definition.promptPrototype?.rounds = RoundsDefinition(maximum: 2)
        change(&definition)
        return definition
    }

    @Test("after training the best prompts are compared on the adapter, and the best of them goes to the gate")
    func comparesPrompts() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply(Self.definition())
            try await fixture.work { $0.isLive }
            let scores = try await fixture.control.experiments(name: "parity").filter { $0.purpose == .adapter }
            #expect(scores.count == AdapterRound.defaultCount)
            #expect(scores.allSatisfy { $0.adapter == Digest(of: "adapter") && $0.score == 1 })
            let explanation = try await fixture.control.explain(name: "parity")
            let evidence = try #require(explanation.decisions.last?.evidence)
            #expect(evidence.adapterPrompts?.count == AdapterRound.defaultCount)
            #expect(evidence.adapterPrompts?.first?.name == evidence.gate.candidateName)
            #expect(explanation.gates.last?.prototypeScore == 1)
            let history = try await fixture.control.history(name: "parity")
            #expect(
                history.contains {
                    $0.event == "candidate-chosen" && $0.fromStage == .fineTune && $0.fromActivity == .experimenting
                })
        }
    }

    @Test("a daemon that stops while prompts are compared goes on where it was")
    func comparesAfterCrash() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply(Self.definition())
            let prototype = try await fixture.inputs(of: .prototype)
            fixture.models.hold(atTunedCall: 20, about: prototype)
            try await fixture.withWorker("first") { await fixture.models.callIsHeld() }
            let state = try await fixture.currentState()
            #expect(state.stage == .fineTune && state.activity == .experimenting)
            try await fixture.work(as: "second") { $0.isLive }
            let tuned = fixture.models.calls.filter { $0.adapter != nil && prototype.contains($0.input) }
            let counts = Dictionary(grouping: tuned) { $0 }.mapValues(\.count)
            // The call that was cut off has no answer that could have been recorded: it alone comes twice.
            #expect(counts.values.filter { $0 > 1 } == [2])
            let scores = try await fixture.control.experiments(name: "parity").filter { $0.purpose == .adapter }
            #expect(scores.count == AdapterRound.defaultCount)
            #expect(tuned.count == scores.reduce(0) { $0 + $1.samples } + 1)
        }
    }

    @Test("a definition may leave the comparison on the adapter out")
    func comparesNothing() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply(Self.definition { $0.fineTune?.adapterPrompts = 1 })
            try await fixture.work { $0.isLive }
            #expect(try await fixture.control.experiments(name: "parity").allSatisfy { $0.purpose != .adapter })
        }
    }

    /// Tuning costs nothing and a tuned call less: it pays from the first call.
    private static func saving(_ definition: inout UseCaseDefinition) {
        definition.models[0].price = TokenPrice(
            promptMicroDollarsPerMillion: 1_000_000, completionMicroDollarsPerMillion: 1_000_000)
        definition.forecast = ForecastDefinition(calls: 40_000, period: .month)
        definition.costs = CostsDefinition(
            perLabelMicroDollars: 0, perTrainingHourMicroDollars: 0,
            tunedPrice: TokenPrice(promptMicroDollarsPerMillion: 100_000, completionMicroDollarsPerMillion: 100_000))
    }

    @Test(
        "a prompt that passes is tuned where that pays, and promoted all the same when tuning fails it",
        arguments: [true, false])
    func tunesToSave(tuningWorks: Bool) async throws {
        try await EngineFixture.run(promptsWork: true, tuningWorks: tuningWorks) { fixture in
            try await fixture.apply(Self.definition(Self.saving))
            try await fixture.work { $0.isLive }
            let explanation = try await fixture.control.explain(name: "parity")
            #expect(explanation.decisions.map(\.kind) == [.fineTune, .promote])
            #expect(explanation.gates.map(\.verdict) == [.passed, tuningWorks ? .passed : .failed])
            let release = try #require(explanation.releases.first)
            #expect((release.bundle.candidate.adapter != nil) == tuningWorks)
            #expect(release.bundle.gate.candidate == release.bundle.candidate.id)
            let economics = try #require(explanation.decisions.first?.evidence.economics)
            #expect(economics.promptedPerCall == 13)
            #expect(explanation.decisions.first?.missingInputs?.map(\.name).contains("forecast") == false)
            #expect(try await fixture.control.replay(name: "parity").isEqual)
        }
    }

    @Test("a prompt that passes and was to be tuned for less is promoted when its training fails")
    func trainingFails() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            fixture.training.fail { _ in true }
            try await fixture.apply(Self.definition(Self.saving))
            try await fixture.work { $0.isLive }
            let explanation = try await fixture.control.explain(name: "parity")
            #expect(explanation.decisions.map(\.kind) == [.fineTune] && explanation.gates.map(\.verdict) == [.passed])
            let release = try #require(explanation.releases.first)
            #expect(release.bundle.candidate.adapter == nil)
            #expect(release.bundle.gate.candidate == release.bundle.candidate.id)
            let jobs = try await fixture.control.jobs(name: "parity")
            #expect(jobs.map(\.errorCode) == ["training.diverged"])
            #expect(try await fixture.control.replay(name: "parity").isEqual)
        }
    }

    @Test("gates and decisions computed again are what was recorded, until a sample is changed")
    func replay() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            try await fixture.apply(Self.definition())
            try await fixture.work { $0.isLive }
            let sound = try await fixture.control.replay(name: "parity")
            #expect(sound.records.map(\.subject) == [.gate, .gate, .decision, .decision])
            #expect(sound.isEqual, "\(sound.records.flatMap(\.differences))")

            try await fixture.pool.behindTheTriggers(
                """
                UPDATE sample SET scores = scores || '{"primary": 1, "accuracy": 1}' WHERE (experiment_id, example_id) IN (
                    SELECT s.experiment_id, s.example_id FROM sample s JOIN experiment e ON e.id = s.experiment_id
                    WHERE e.purpose = 'gate' AND e.round = 1 AND (s.scores->>'primary')::float8 = 0
                    ORDER BY s.example_id LIMIT 1)
                """)
            let refusal = await code { _ = try await fixture.control.replay(name: "parity") }
            #expect(refusal == "audit.row_changed")
            // As if it had been so when the database was migrated to a version with a chain.
            try await fixture.pool.behindTheTriggers(
                AuditScript.chainAnew(try await fixture.cycle().useCase.rawValue))
            let changed = try await fixture.control.replay(name: "parity")
            #expect(!changed.isEqual)
            let gate = try #require(changed.records.first { $0.subject == .gate && $0.look == 1 })
            #expect(gate.differences.contains { $0.path == "criteria[0].value" })
            // The answer itself, scored again, is as wrong as it was.
            #expect(gate.differences.contains { $0.path.hasPrefix("gate[1].") && $0.path.hasSuffix("[0].accuracy") })
            let decision = try #require(changed.records.first { $0.number == 1 })
            #expect(decision.differences.contains { $0.path == "evidence.gate.criteria[0].value" })
            // What came later rests on other samples.
            #expect(changed.records.first { $0.subject == .gate && $0.look == 2 }?.differences == [])
        }
    }

    @Test("what rests on erased answers is unknown when it is computed again, and no difference; its release goes on")
    func replayErased() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let useCase = try await fixture.cycle().useCase.rawValue
            let person = try await fixture.pool.query("SELECT min(id) AS id FROM example WHERE split = 'holdout'")[0]
                .get("id", as: Int64.self)
            try await fixture.pool.makeEraser()
            try await fixture.pool.withTransaction { connection in
                try await connection.script("SET LOCAL ROLE fledge_eraser")
                try await connection.execute(
                    "UPDATE example SET inputs = '{}', fields = '{}', expected = 'erased' WHERE id = $1", [person])
                try await connection.execute(
                    """
                    SELECT audit_erase($2, 'snapshot', snapshot_id::text, snapshot_id || '/row/' || row_number, 'asked to')
                    FROM example WHERE id = $1
                    """, [person, useCase])
                try await connection.execute("UPDATE sample SET output = 'erased' WHERE example_id = $1", [person])
                try await connection.execute(
                    """
                    SELECT audit_erase($2, 'experiment', s.experiment_id::text, audit_name(s), 'asked to') FROM sample s
                    WHERE s.example_id = $1
                    """, [person, useCase])
            }
            let replay = try await fixture.control.replay(name: "parity")
            #expect(replay.outcome == .unknown && !replay.isEqual, "\(replay.records.flatMap(\.differences))")
            #expect(!replay.records.isEmpty && replay.records.allSatisfy { $0.outcome == .unknown })
            let rows = try #require(replay.erased?.first).rows.map(\.row)
            #expect(rows.count >= 2 && rows.contains { $0.hasPrefix("snapshot ") })
            #expect(rows.contains { $0.hasPrefix("experiment ") })
            // The release was made while its evidence was whole.
            _ = try await fixture.control.export(name: "parity", number: nil)
            let reason = "a reason to go back"
            let release = try await fixture.control.rollback(name: "parity", to: 1, actor: "ada", reason: reason)
            #expect(release.number == 1)
        }
    }

    @Test("decisions are numbered through a use case's cycles, and each is found by its number")
    func numbers() async throws {
        try await EngineFixture.run(promptsWork: false) { fixture in
            // Looks for both cycles: they share the holdout, and with it its error budget.
            try await fixture.apply(Self.definition { $0.validation?.holdoutLooks = 4 })
            try await fixture.work { $0.isLive }
            try await fixture.apply(
                Self.definition {
                    $0.validation?.holdoutLooks = 4
                    // Another budget asks for new evidence.
                    $0.promptPrototype?.budget = BudgetDefinition(calls: 10_000)
                })
            try await fixture.work { $0.isLive }
            let latest = try await fixture.control.explain(name: "parity").decisions
            #expect(latest.map(\.number) == [3, 4])
            for number in 1...4 {
                let decision = try await fixture.control.decision(name: "parity", number: number)
                #expect(decision.number == number)
                #expect(decision.kind == (number % 2 == 1 ? .fineTune : .promote))
            }
            await #expect(throws: FledgeError.self) {
                try await fixture.control.decision(name: "parity", number: 5)
            }
            let replay = try await fixture.control.replay(name: "parity")
            #expect(replay.records.compactMap(\.number) == [1, 2, 3, 4])
            #expect(replay.isEqual, "\(replay.records.flatMap(\.differences))")
        }
    }
}

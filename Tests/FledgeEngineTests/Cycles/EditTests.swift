import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation
import Testing

@Suite("Edits of a use case that has come far")
struct EditTests {
    private static let weekly = ReportScheduleDefinition(
        recurrence: .weekly(.monday), time: "09:00", zone: "Europe/Berlin", formats: [.html])

    /// Owner, purpose, reports, priority, cap and approval: nothing that asks for new evidence.
    private static func edited(_ definition: UseCaseDefinition) -> UseCaseDefinition {
        var edited = definition
        edited.owner = "others"
        edited.purpose = "Tell odd from even."
        edited.reports = [weekly]
        edited.priority = 3
        edited.spend = SpendDefinition(calls: 10_000, period: .year)
        edited.production = ProductionDefinition(approval: .manual)
        return edited
    }

    /// One that no candidate can pass.
    private static func hopeless(_ definition: UseCaseDefinition) -> UseCaseDefinition {
        var edited = definition
        edited.validation?.require.append(CriterionDefinition(metric: .tokensPerCall, bound: .atMost(0.5)))
        edited.fineTune = nil
        return edited
    }

    @Test("of what is no evidence leave it live, ask the models nothing, and take effect at once")
    func live() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let calls = fixture.models.calls.count
            let applied = try await fixture.apply(Self.edited(EngineFixture.definition()))
            #expect(applied.isNew && applied.startedCycle == nil && applied.adoptedByCycle == 1)
            let status = try #require(try await fixture.control.statuses(name: "parity").first)
            #expect(status.state.isLive && status.cycle == 1 && status.revision == 2 && status.owner == "others")
            #expect(status.serving?.release == 1 && status.serving?.revision == 1)
            #expect(Arrival(status) == .live)
            #expect(try await fixture.store.unplannedSchedules().map(\.definition) == [Self.weekly])
            let report = try await fixture.store.reportContent(useCase: "parity", from: nil, to: .now)
            #expect(
                report.useCases[0].status.serving?.release == 1 && report.useCases[0].purpose == "Tell odd from even.")
            #expect(fixture.models.calls.count == calls)
            #expect(try await fixture.control.replay(name: "parity").isEqual)
            let history = try await fixture.control.history(name: "parity")
            #expect(
                history.suffix(1).map(\.event) == ["revision-adopted"] && TransitionHash.firstBroken(in: history) == nil
            )
            #expect(history.contains { $0.event == "champion-moved" && $0.note == "to release 1: its gate passed" })
        }
    }

    @Test("that ask for evidence leave it serving, whatever comes of the cycle")
    func trial() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let applied = try await fixture.apply(Self.hopeless(EngineFixture.definition()))
            #expect(applied.startedCycle != nil && applied.adoptedByCycle == nil)
            try await fixture.work { $0.isBlocked }
            let status = try #require(try await fixture.control.statuses(name: "parity").first)
            #expect(status.cycle == 2 && status.serving?.release == 1 && status.serving?.cycle == 1)
            #expect(Arrival(status)?.exitStatus != .success)
            #expect(Arrival(status)?.aside(status) == "release 1 (revision 1) goes on serving")
            let entry = try #require(
                try await fixture.control.history(name: "parity").first { $0.event == "superseded" })
            #expect(entry.cycle == 1 && entry.actor == "ada" && entry.note == "revision 2 has taken its place")
            #expect(entry.fromStage == .production && entry.toStage == .production && entry.toActivity == .live)
            let evidence = try #require(try await fixture.control.explain(name: "parity").evidence)
            #expect(evidence.findings.isEmpty, "\(evidence.findings)")
            let part = try await fixture.store.reportContent(useCase: "parity", from: nil, to: .now).useCases[0]
            #expect(part.championGates?.map(\.verdict) == [.passed])
            #expect(part.championGates?.first == part.releases[0].bundle.gate)
            #expect(part.gates.allSatisfy { $0 != part.releases[0].bundle.gate })
            #expect(part.nextSteps.first == "Release 1 goes on serving production, whatever comes of cycle 2.")
            // Back to what serves: the edit asks for evidence again, and the same answers are asked of nobody.
            let calls = fixture.models.calls.count
            try await fixture.apply(EngineFixture.definition())
            try await fixture.work { $0.isLive }
            #expect(fixture.models.calls.count == calls)
        }
    }

    @Test("of what is no evidence lose no approval that is waited for, and need one still")
    func approval() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(EngineFixture.definition(approval: .manual))
            try await fixture.work { $0.activity == .awaitingApproval }
            try await fixture.apply(EngineFixture.definition(approval: .automatic, purpose: "Another."))
            #expect(try await fixture.currentState().activity == .awaitingApproval)
            _ = try await fixture.control.send(.approve, to: "parity", actor: "grace")
            try await fixture.work { $0.isLive }
            let release = try #require(try await fixture.control.releases(name: "parity").first)
            #expect(release.bundle.approvedBy == "grace" && release.bundle.definitionRevision == 2)
            #expect(try await fixture.control.replay(name: "parity").isEqual)
        }
    }

    @Test("of a price that nothing is held against leave the decisions before it as they were")
    func price() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            var definition = EngineFixture.definition()
            definition.models[0].price = TokenPrice(
                promptMicroDollarsPerMillion: 1_000_000, completionMicroDollarsPerMillion: 2_000_000)
            try await fixture.apply(definition)
            try await fixture.work { $0.isLive }
            definition.models[0].price?.promptMicroDollarsPerMillion = 9_000_000
            #expect(try await fixture.apply(definition).adoptedByCycle == 1)
            let replay = try await fixture.control.replay(name: "parity")
            #expect(replay.isEqual, "\(replay.records.flatMap(\.differences))")
        }
    }

    @Test("a rollback says who and why wherever the release is shown, and the release keeps its own evidence")
    func rollback() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            var edited = EngineFixture.definition()
            edited.validation?.require[0].bound = .atLeast(0.7)
            try await fixture.apply(edited)
            try await fixture.work { $0.isLive }
            let control = fixture.control
            for reason in ["", "  \n"] {
                let refused = await code {
                    _ = try await control.rollback(name: "parity", to: 1, actor: "grace", reason: reason)
                }
                #expect(refused == "reason.empty")
                let rejected = await code {
                    _ = try await control.send(.reject(reason: reason), to: "parity", actor: "grace")
                }
                #expect(rejected == "reason.empty")
            }
            let release = try await control.rollback(name: "parity", to: 1, actor: "grace", reason: " it was better ")
            #expect(release.moves?.last?.reason == "it was better" && release.moves?.last?.from == 2)
            let status = try #require(try await control.statuses(name: "parity").first)
            #expect(status.serving?.release == 1 && status.serving?.move.actor == "grace" && status.state.isLive)
            #expect(Arrival(status) == .rolledBack)
            let history = try await control.history(name: "parity")
            #expect(history.last?.event == "champion-moved" && history.last?.actor == "grace")
            #expect(history.last?.note == "release 2 → release 1: it was better")
            #expect(try await control.explain(name: "parity").isHistoryIntact)
            let part = try await fixture.store.reportContent(useCase: "parity", from: nil, to: .now).useCases[0]
            let found = part.releases.first(where: \.isChampion)
            let champion = try #require(found)
            #expect(part.championGates == [champion.bundle.gate])
            #expect(champion.bundle.gate.criteria[0].criterion.bound == .atLeast(0.8))
            #expect(part.history.contains { $0.note == "release 2 → release 1: it was better" })
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Testing

@Suite struct SteeringTests {
    @Test("manual approval waits for a person, whose name the release keeps")
    func approval() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(EngineFixture.definition(approval: .manual))
            try await fixture.work { $0.activity == .awaitingApproval }
            #expect(try await fixture.control.releases(name: "parity").isEmpty)
            _ = try await fixture.control.send(.approve, to: "parity", actor: "grace")
            try await fixture.work { $0.isLive }
            let releases = try await fixture.control.releases(name: "parity")
            #expect(releases.map(\.bundle.approvedBy) == ["grace"])
        }
    }

    @Test("a rejection blocks with its reason; after a retry it can be approved")
    func rejection() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(EngineFixture.definition(approval: .manual))
            try await fixture.work { $0.activity == .awaitingApproval }
            let rejected = try await fixture.control.send(
                .reject(reason: "not before Monday"), to: "parity", actor: "grace")
            #expect(rejected.state.block == CycleState.Block(code: "approval-refused", message: "not before Monday"))
            let early = await code { _ = try await fixture.control.send(.approve, to: "parity", actor: "grace") }
            #expect(early == "cycle.rejected_event")
            let retried = try await fixture.control.send(.retry, to: "parity", actor: "grace")
            #expect(retried.state.activity == .awaitingApproval && retried.state.block == nil)
            _ = try await fixture.control.send(.approve, to: "parity", actor: "grace")
            try await fixture.work { $0.isLive }
        }
    }

    @Test("a paused cycle's work is not claimed, and goes on when it is resumed")
    func pause() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            let paused = try await fixture.control.send(.pause, to: "parity", actor: "ada")
            #expect(paused.state.isPaused)
            let claimed = try await fixture.store.claim(limit: 4, worker: "eager", lease: .seconds(3600))
            #expect(claimed.isEmpty)
            let resumed = try await fixture.control.send(.resume, to: "parity", actor: "ada")
            #expect(!resumed.state.isPaused)
            try await fixture.work { $0.isLive }
        }
    }

    @Test("applying the same definition twice changes nothing")
    func applyTwice() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let first = try await fixture.apply()
            try await fixture.work { $0.isLive }
            let before = try await fixture.control.history(name: "parity")
            let second = try await fixture.apply()
            #expect(first.isNew && first.startedCycle != nil)
            #expect(!second.isNew && second.startedCycle == nil && second.revision == first.revision)
            #expect(try await fixture.control.history(name: "parity") == before)
        }
    }

    @Test("a new revision starts the next cycle of a use case that has arrived, and asks the models nothing twice")
    func nextRevision() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            let calls = fixture.models.calls.count
            // With more calls to make the search would have gone the same way.
            var edited = EngineFixture.definition()
            edited.promptPrototype?.budget = BudgetDefinition(calls: 9_000)
            let next = try await fixture.apply(edited)
            #expect(next.isNew && next.startedCycle != nil)
            try await fixture.work { $0.isLive }
            #expect(fixture.models.calls.count == calls)
            let releases = try await fixture.control.releases(name: "parity")
            #expect(Set(releases.map(\.number)) == [1, 2])
        }
    }

    private static func definition(key: String, calls: Int) -> UseCaseDefinition {
        var definition = EngineFixture.definition()
        definition.promptPrototype?.budget = BudgetDefinition(calls: calls)
        definition.models[0].endpoint = .openAICompatible(url: "https://models.example/v1", key: .env(key))
        return definition
    }

    @Test("answers out of the cache do not bring a release into production whose key is wrong")
    func provesKey() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(Self.definition(key: "RIGHT_KEY", calls: 8_000))
            try await fixture.work { $0.isLive }
            let calls = fixture.models.calls.count
            fixture.models.fail(with: FledgeError("model.unauthorized", "the key is not accepted"))
            try await fixture.apply(Self.definition(key: "WRONG_KEY", calls: 9_000))
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "model.unauthorized" && state.activity == .releasing)
            #expect(try await fixture.control.releases(name: "parity").count == 1)
            fixture.models.fail(with: nil)
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isLive }
            #expect(try await fixture.control.releases(name: "parity").count == 2)
            // Nothing was asked for but the key's proof.
            let asked = fixture.models.calls.dropFirst(calls)
            #expect(asked.count == 2)
            let prototype = try await fixture.inputs(of: .prototype)
            #expect(asked.allSatisfy { prototype.contains($0.input) })
        }
    }

    @Test("a command for a use case that nobody knows is refused with its code")
    func unknownUseCase() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let found = await code { _ = try await fixture.control.send(.pause, to: "nobody", actor: "ada") }
            #expect(found == "use_case.unknown")
        }
    }
}

/// The code of the error that the body throws; nil when it throws none.
///
/// Call it before `#expect`, never inside: an async closure in the macro's argument and the next closure of the same
/// function get one symbol (Swift 6.3.1), and the first body runs twice.
func code(of body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let error as FledgeError {
        return error.code.rawValue
    } catch {
        return "not a FledgeError: \(error)"
    }
}

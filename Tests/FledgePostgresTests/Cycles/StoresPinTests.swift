import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation
import PostgresClient
import Testing

@Suite("What serves, and what a cycle is pinned to, in PostgreSQL")
struct StoresPinTests {
    /// The owner's: it asks for no new evidence.
    private static func edit(_ purpose: String = "Name it.") -> DefinitionSubmission {
        StoresFixture.submission(purpose: purpose)
    }

    private static let candidate = StoresFixture.candidate("zero-shot")
    private static let toLive: [CycleEvent] = [
        .candidateChosen(candidate.id), .gateJudged(.passed, candidate.id), .decisionMade(.promote),
        .releaseMade(number: 1),
    ]

    private static func cycleWithTwoReleases(_ fixture: StoresFixture) async throws -> Cycle {
        let cycle = try await fixture.startedCycle()
        for candidate in ["one", "two"].map({ StoresFixture.candidate($0) }) {
            try await fixture.store.register(candidate)
            _ = try await fixture.store.makeRelease(StoresFixture.bundle(candidate), cycle: cycle.id)
        }
        return cycle
    }

    struct Place: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var events: [CycleEvent]
        var needsApproval = false
    }

    private static let places = [
        Place(testDescription: "working", events: []),
        Place(testDescription: "paused", events: [.paused]),
        Place(testDescription: "blocked", events: [.cancelled]),
        Place(
            testDescription: "training",
            events: [
                .candidateChosen(candidate.id), .gateJudged(.failed, candidate.id), .decisionMade(.fineTune),
            ]),
        Place(
            testDescription: "awaiting approval",
            events: [.candidateChosen(candidate.id), .gateJudged(.passed, candidate.id), .decisionMade(.promote)],
            needsApproval: true),
        Place(testDescription: "live", events: toLive),
        Place(testDescription: "retired", events: toLive + [.retired]),
    ]

    @Test("an edit that asks for no new evidence is taken over by the cycle wherever it stands", arguments: places)
    func adopted(_ place: Place) async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            var cycle = try await fixture.startedCycle()
            try await store.register(Self.candidate)
            for event in place.events {
                cycle = try await fixture.advance(cycle, by: event, needsApproval: place.needsApproval)
            }
            let work = try await fixture.pool.query("SELECT id, state, run_at FROM work_item ORDER BY id")
            let applied = try await store.apply(Self.edit())
            #expect(applied.isNew && applied.revision == 2 && applied.adoptedByCycle == 1)
            let after = try #require(try await store.currentCycle(of: cycle.useCase))
            #expect(after.id == cycle.id && after.state == cycle.state && after.revision.number == 2)
            #expect(after.definition.purpose == "Name it.")
            let later = try await fixture.pool.query("SELECT id, state, run_at FROM work_item ORDER BY id")
            let (statesBefore, statesAfter) = (
                try work.map { try $0.get("state", as: String.self) },
                try later.map { try $0.get("state", as: String.self) }
            )
            #expect(statesBefore == statesAfter)
            // The scheduler of any daemon finds nothing to start.
            #expect(try await store.waitingUseCases() == [])
            #expect(try await store.openCycle(for: cycle.useCase, actor: "fledged").id == cycle.id)
            let history = try await store.history(of: cycle.useCase)
            #expect(TransitionHash.firstBroken(in: history) == nil)
            let isRetired = cycle.state.stage == .retired
            #expect(history.last?.event == (isRetired ? "retired" : "revision-adopted"))
            #expect(history.last?.actor == "ada")
            #expect(try await store.statuses(useCase: "colour")[0].newestRevision == 2)
            guard !isRetired else { return }
            // Whoever has read the cycle before does not write over it; whoever reads it again does.
            let stale = await code { try await fixture.advance(cycle, by: .retired) }
            #expect(stale == "cycle.conflict")
            try await fixture.advance(after, by: .retired)
            #expect(TransitionHash.firstBroken(in: try await store.history(of: cycle.useCase)) == nil)
        }
    }

    @Test("an edit back to what the cycle runs ends the waiting of the edit between")
    func undone() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            #expect(try await store.apply(StoresFixture.submission(prompt: "Another.")).adoptedByCycle == nil)
            // The owner of what waits: that waits on.
            let waiting = StoresFixture.submission(purpose: "Name it.", prompt: "Another.")
            #expect(try await store.apply(waiting).adoptedByCycle == nil)
            #expect(try await store.cycle(cycle.id).revision.number == 1)
            let status = try await store.statuses(useCase: "colour")[0]
            #expect(status.revision == 1 && status.newestRevision == 3)
            #expect(try await store.apply(StoresFixture.submission()).adoptedByCycle == 1)
            try await fixture.advance(store.cycle(cycle.id), by: .cancelled)
            #expect(try await store.waitingUseCases() == [])
        }
    }

    @Test("what a daemon of before has stored is taken over when the cycle has arrived")
    func storedBefore() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await fixture.startedCycle()
            let document = Self.edit().document
            try await fixture.pool.execute(
                """
                INSERT INTO definition_revision (use_case_id, number, document, source_text, sha256, snapshot_id, applied_by)
                SELECT use_case_id, 2, $1::jsonb, '', repeat('c', 64), snapshot_id, 'ada' FROM definition_revision
                """, [CanonicalJSON.text(of: document)])
            try await fixture.advance(cycle, by: .cancelled)
            #expect(try await store.waitingUseCases() == [cycle.useCase])
            let started = try await CycleService(stores: store).start(cycle.useCase, actor: "fledged")
            let after = try await store.cycle(cycle.id)
            #expect(started == cycle.id && after.revision.number == 2)
            #expect(after.state.block?.code == "cancelled")
            #expect(try await store.waitingUseCases() == [])
        }
    }

    @Test("the champion serves while a later cycle is tried, blocked or not, until the use case is retired")
    func serving() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            var cycle = try await fixture.startedCycle()
            try await store.register(Self.candidate)
            for event in Self.toLive.dropLast() { cycle = try await fixture.advance(cycle, by: event) }
            _ = try await store.makeRelease(StoresFixture.bundle(Self.candidate), cycle: cycle.id)
            cycle = try await fixture.advance(store.cycle(cycle.id), by: .releaseMade(number: 1))
            _ = try await store.apply(StoresFixture.submission(prompt: "Another."))
            let next = try await store.openCycle(for: cycle.useCase, actor: "ada")
            let tried = try await fixture.advance(next, by: .started)
            try await fixture.advance(tried, by: .workFailed(code: "x", message: "y"))
            let status = try await store.statuses(useCase: "colour")[0]
            #expect(status.cycle == 2 && status.state.block?.code == "x")
            #expect(status.serving?.release == 1 && status.serving?.cycle == 1 && status.serving?.revision == 1)
            #expect(status.serving?.move.actor == "ada" && status.serving?.move.from == nil)
            try await fixture.advance(store.cycle(next.id), by: .retired)
            let retired = try await store.statuses(useCase: "colour")[0]
            #expect(retired.serving == nil && retired.release == 1)
            let back = await code {
                _ = try await store.moveChampion(of: cycle.useCase, to: 1, actor: "ada", reason: "back")
            }
            #expect(back == nil, "it is there already")
        }
    }

    @Test("moves of the champion are one line with transitions that come at the same time, and say who and why")
    func moves() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await Self.cycleWithTwoReleases(fixture)
            let cycles = CycleService(stores: store)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        _ = try await store.moveChampion(
                            of: cycle.useCase, to: index % 2 + 1, actor: "ada", reason: "reason \(index)")
                    }
                    group.addTask { try await cycles.apply(.roundFinished, to: cycle.id, actor: "fledged") }
                }
                try await group.waitForAll()
            }
            let history = try await store.history(of: cycle.useCase)
            #expect(TransitionHash.firstBroken(in: history) == nil)
            #expect(history.count { $0.event == "round-finished" } == 8)
            let moved = history.filter { $0.event == "champion-moved" }
            let releases = try await store.releases(of: cycle.useCase)
            let recorded = releases.flatMap { $0.moves ?? [] }.sorted { $0.at < $1.at }
            #expect(moved.count == recorded.count && moved.count >= 2)
            #expect(
                Set(moved.compactMap(\.note))
                    == Set(
                        recorded.map { move in
                            (move.from.map { "release \($0) → release \(move.to)" } ?? "to release \(move.to)")
                                + ": \(move.reason)"
                        }))
            let last = try #require(moved.last)
            let found = releases.first(where: \.isChampion)
            let champion = try #require(found)
            #expect(last.note?.contains("release \(champion.number):") == true)
            #expect(moved.allSatisfy { $0.fromStage == $0.toStage && $0.fromActivity == $0.toActivity })
        }
    }

    @Test("a retired use case gets no other champion, and an ended cycle no release")
    func retired() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycle = try await Self.cycleWithTwoReleases(fixture)
            try await fixture.advance(store.cycle(cycle.id), by: .retired)
            let moved = await code {
                _ = try await store.moveChampion(of: cycle.useCase, to: 1, actor: "ada", reason: "back")
            }
            #expect(moved == "cycle.rejected_event")
            let third = StoresFixture.candidate("three")
            try await store.register(third)
            let made = await code { _ = try await store.makeRelease(StoresFixture.bundle(third), cycle: cycle.id) }
            #expect(made == "release.cycle_ended")
            #expect(try await store.releases(of: cycle.useCase).map(\.isChampion) == [false, true])
            #expect(try await fixture.rowCount("pointer_move") == 2)
        }
    }
}

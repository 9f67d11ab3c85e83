import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@Suite("A cycle that gives way to a newer revision, in PostgreSQL")
struct StoresSuccessionTests {
    private static let candidate = StoresFixture.candidate("zero-shot")

    struct Place: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var events: [CycleEvent]
        var needsApproval = false
    }

    private static let places = [
        Place(testDescription: "not begun", events: []),
        Place(testDescription: "cancelled", events: [.started, .cancelled]),
        Place(
            testDescription: "blocked and paused", events: [.started, .workFailed(code: "x", message: "y"), .paused]),
        Place(
            testDescription: "refused",
            events: [
                .started, .candidateChosen(candidate.id), .gateJudged(.passed, candidate.id), .decisionMade(.promote),
                .approvalRefused(reason: "no"),
            ], needsApproval: true),
        Place(
            testDescription: "live",
            events: [
                .started, .candidateChosen(candidate.id), .gateJudged(.passed, candidate.id), .decisionMade(.promote),
                .releaseMade(number: 1),
            ]),
        Place(
            testDescription: "at its cap",
            events: [.started, .workFailed(code: CycleState.Block.capReached, message: "m")]),
    ]

    @Test("leaves a chained entry of the history, and none of its work", arguments: places)
    func superseded(_ place: Place) async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            var submission = StoresFixture.submission()
            submission.document.useCase.spend = SpendDefinition(calls: 10, period: .year)
            let useCase = try await store.apply(submission).useCase
            try await store.register(Self.candidate)
            var cycle = try await store.openCycle(for: useCase, actor: "ada")
            for event in place.events {
                cycle = try await fixture.advance(cycle, by: event, needsApproval: place.needsApproval)
            }
            let isCapped = cycle.state.block?.code == CycleState.Block.capReached
            #expect(try await fixture.rowCount("capped_cycle") == (isCapped ? 1 : 0))
            let before = try await store.history(of: useCase)

            _ = try await store.apply(StoresFixture.submission(prompt: "Another."))
            let next = try await store.openCycle(for: useCase, actor: "grace")
            #expect(next.number == 2 && next.revision.number == 2 && next.state == .new)

            let history = try await store.history(of: useCase)
            #expect(history.count == before.count + 1 && TransitionHash.firstBroken(in: history) == nil)
            let entry = try #require(history.last)
            #expect(entry.event == "superseded" && entry.cycle == 1 && entry.actor == "grace")
            #expect(entry.note == "revision 2 has taken its place")
            #expect(entry.fromStage == cycle.state.stage && entry.toStage == cycle.state.stage)
            #expect(entry.fromActivity == cycle.state.activity && entry.toActivity == cycle.state.activity)

            let after = try await store.cycle(cycle.id)
            #expect(after.state == cycle.state && after.version == cycle.version + 1, "it is over where it stood")
            #expect(try await fixture.rowCount("cycle WHERE ended_at IS NOT NULL AND number = 1") == 1)
            #expect(try await fixture.rowCount("work_item WHERE state IN ('queued', 'leased', 'dead')") == 0)
            #expect(try await fixture.rowCount("capped_cycle") == 0)
            #expect(CountedHistory(history, of: 1, upTo: .max)?.differences(from: after.state) == [])

            let started = try await fixture.advance(next, by: .started)
            #expect(started.state.activity == .experimenting)
            #expect(TransitionHash.firstBroken(in: try await store.history(of: useCase)) == nil)
        }
    }

    @Test("many that open the next cycle at once leave one entry, in one line with transitions of that moment")
    func once() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let cycles = CycleService(stores: store)
            let first = try await fixture.advance(fixture.startedCycle(), by: .cancelled)
            _ = try await store.apply(StoresFixture.submission(prompt: "Another."))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<12 {
                    group.addTask {
                        if index.isMultiple(of: 2) {
                            _ = try await cycles.start(first.useCase, actor: "fledged")
                        } else {
                            // Too late for the first cycle, or just in time.
                            _ = await code { try await fixture.advance(first, by: .paused) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let history = try await store.history(of: first.useCase)
            #expect(TransitionHash.firstBroken(in: history) == nil)
            #expect(history.count { $0.event == "superseded" } == 1)
            #expect(history.count { $0.event == "started" } == 2)
            let end = try #require(history.lastIndex { $0.cycle == 1 })
            #expect(history[end].event == "superseded" && history[(end + 1)...].allSatisfy { $0.cycle == 2 })
        }
    }

    @Test("a worker of the cycle that has given way can record nothing more")
    func lateWorker() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let blocked = try await fixture.advance(fixture.startedCycle(), by: .workFailed(code: "x", message: "y"))
            let work = try #require(try await store.claim(limit: 1, worker: "w", lease: .seconds(3600)).first)
            _ = try await store.apply(StoresFixture.submission(prompt: "Another."))
            _ = try await store.openCycle(for: blocked.useCase, actor: "ada")
            #expect(try await store.renew(work.lease, for: .seconds(9)) == false)
            let late = await code { try await fixture.advance(blocked, by: .retried, finishing: work.lease) }
            #expect(late == "cycle.conflict")
            let event = await code {
                try await CycleService(stores: store).apply(.retried, to: blocked.id, actor: "ada")
            }
            #expect(event == "cycle.rejected_event")
            let lost = await code { try await store.finish(work.lease) }
            #expect(lost == "work.lost")
        }
    }

    @Test(
        "the chain of evidence holds over a cycle that gave way, and over one that a daemon of before ended in silence")
    func audited() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let audit = EvidenceAudit(stores: store, artifacts: NoArtifacts(), anchor: nil)
            let first = try await fixture.advance(fixture.startedCycle(), by: .cancelled)
            _ = try await store.apply(StoresFixture.submission(prompt: "Another."))
            let second = try await fixture.advance(
                store.openCycle(for: first.useCase, actor: "ada"), by: .started)
            try await fixture.advance(second, by: .cancelled)
            #expect(try await audit.report(name: "colour").findings == [])

            // As the version before does it.
            _ = try await store.apply(StoresFixture.submission(prompt: "A third."))
            try await fixture.pool.withConnection { connection in
                try await connection.script("BEGIN")
                try await connection.execute(
                    "UPDATE cycle SET ended_at = now(), updated_at = now(), version = version + 1 WHERE id = $1",
                    [second.id.rawValue])
                try await connection.execute(
                    """
                    INSERT INTO cycle (use_case_id, number, revision_id, snapshot_id, stage, activity, state)
                    SELECT use_case_id, 3, id, snapshot_id, 'prompt-prototype', 'none', $2::jsonb
                    FROM definition_revision WHERE use_case_id = $1 AND number = 3
                    """, [first.useCase.rawValue, CanonicalJSON.text(of: CycleState.new)])
                try await connection.script("COMMIT")
            }
            let third = try #require(try await store.currentCycle(of: first.useCase))
            try await fixture.advance(third, by: .started)
            let history = try await store.history(of: first.useCase)
            #expect(history.filter { $0.event == "superseded" }.map(\.cycle) == [1])
            #expect(TransitionHash.firstBroken(in: history) == nil)
            #expect(try await audit.report(name: "colour").findings == [])
        }
    }

    @Test("an entry that gave way is evidence like any other: whoever edits it is found")
    func edited() async throws {
        try await StoresFixture.run { fixture in
            let first = try await fixture.advance(fixture.startedCycle(), by: .cancelled)
            _ = try await fixture.store.apply(StoresFixture.submission(prompt: "Another."))
            _ = try await fixture.store.openCycle(for: first.useCase, actor: "ada")
            let refused = await #expect(throws: PostgresError.self) {
                try await fixture.pool.execute("DELETE FROM transition WHERE event = 'superseded'")
            }
            #expect(refused?.sqlState == "23001")
            try await fixture.pool.behindTheTriggers(
                "UPDATE transition SET evidence = replace(evidence, '\"by\":2', '\"by\":3') WHERE event = 'superseded'")
            let report = try await EvidenceAudit(stores: fixture.store, artifacts: NoArtifacts(), anchor: nil)
                .report(name: "colour")
            #expect(report.findings.map(\.code).contains("audit.history_broken"))
        }
    }

    @Test("a use case that is retired is brought back by a revision that asks for evidence, and by no daemon")
    func broughtBack() async throws {
        try await StoresFixture.run { fixture in
            let store = fixture.store
            let first = try await fixture.advance(fixture.startedCycle(), by: .retired)
            _ = try await store.apply(StoresFixture.submission(prompt: "Another."))
            #expect(try await store.waitingUseCases() == [])
            let next = try await store.openCycle(for: first.useCase, actor: "ada")
            #expect(next.number == 2 && next.state == .new)
            #expect(try await store.history(of: first.useCase).map(\.event) == ["started", "retired"])
            #expect(try await store.waitingUseCases() == [first.useCase], "it is opened, and still to be started")
        }
    }

    @Test("a state that only a newer version reads keeps no other use case waiting")
    func unreadable() async throws {
        try await StoresFixture.run { fixture in
            let other = try await fixture.startedCycle("shade")
            let cycle = try await fixture.startedCycle()
            for name in ["shade", "colour"] {
                _ = try await fixture.store.apply(StoresFixture.submission(name, prompt: "Another."))
            }
            try await fixture.advance(cycle, by: .cancelled)
            try await fixture.pool.behindTheTriggers(
                "UPDATE cycle SET state = '{\"hibernates\": true}' WHERE id = \(other.id.rawValue)")
            #expect(try await fixture.store.waitingUseCases() == [cycle.useCase])
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation
import Logging
import PostgresClient
import Testing

@Suite("Use cases, revisions and cycles in PostgreSQL")
struct StoresCycleTests {
    @Test("applying the same document and data again stores nothing")
    func applyIsIdempotent() async throws {
        try await StoresFixture.run { fixture in
            let first = try await fixture.store.apply(StoresFixture.submission())
            #expect(first.isNew && first.revision == 1 && first.startedCycle == nil)
            let again = try await fixture.store.apply(StoresFixture.submission())
            #expect(!again.isNew && again.revision == 1 && again.useCase == first.useCase)
            #expect(try await fixture.rowCount("definition_revision") == 1)
            #expect(try await fixture.rowCount("dataset_snapshot") == 1)
            #expect(try await fixture.rowCount("example") == 4)
        }
    }

    @Test("new data makes a new revision, and data that was seen before is not stored twice")
    func newData() async throws {
        try await StoresFixture.run { fixture in
            _ = try await fixture.store.apply(StoresFixture.submission())
            #expect(try await fixture.store.apply(StoresFixture.submission(data: "data-2")).revision == 2)
            #expect(try await fixture.store.apply(StoresFixture.submission(data: "data-1")).revision == 3)
            #expect(try await fixture.rowCount("dataset_snapshot") == 2)
            #expect(try await fixture.rowCount("example") == 8)
        }
    }

    @Test("what was done about leaks is kept with the snapshot, for good")
    func settledLeaks() async throws {
        try await StoresFixture.run { fixture in
            var submission = StoresFixture.submission()
            submission.settled = [
                ResolvedLeak(
                    row: 2, from: .prototype, to: .training,
                    cause: ResolvedLeak.Cause(kind: .nearDuplicate, otherRow: 4, prompt: nil)),
                ResolvedLeak(row: 3, from: .holdout, to: .training, cause: nil),
                ResolvedLeak(
                    row: 9, from: .training, to: nil,
                    cause: ResolvedLeak.Cause(kind: .prompt, otherRow: nil, prompt: "p")),
            ]
            let useCase = try await fixture.store.apply(submission).useCase
            let cycle = try await fixture.store.openCycle(for: useCase, actor: "ada")
            #expect(try await fixture.store.settledLeaks(of: cycle.snapshot) == submission.settled)
            for statement in ["UPDATE settled_leak SET cause = NULL", "DELETE FROM settled_leak"] {
                await #expect(throws: PostgresError.self) { try await fixture.pool.query(statement) }
            }
        }
    }

    @Test("each model that a latest definition names is listed once")
    func models() async throws {
        try await StoresFixture.run { fixture in
            let (old, shared) = (
                ModelDefinition(name: "old", endpoint: .local),
                ModelDefinition(
                    name: "shared", endpoint: .openAICompatible(url: "https://models.example/v1", key: .env("KEY")),
                    price: TokenPrice(promptMicroDollarsPerMillion: 1, completionMicroDollarsPerMillion: 2))
            )
            for (name, models) in [("colour", [old]), ("colour", [shared]), ("shape", [shared]), ("size", [])] {
                var submission = StoresFixture.submission(name)
                submission.document.useCase.models = models
                _ = try await fixture.store.apply(submission)
            }
            #expect(try await fixture.store.models() == [shared])
        }
    }

    @Test("definitions applied at the same time make one revision each")
    func concurrentApply() async throws {
        try await StoresFixture.run { fixture in
            let results = try await withThrowingTaskGroup(of: AppliedDefinition.self) { group in
                for index in 0..<12 {
                    group.addTask { try await fixture.store.apply(StoresFixture.submission(prompt: "v\(index % 2)")) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let new = results.filter(\.isNew).map(\.revision).sorted()
            #expect(new == Array(1...new.count))
            #expect(try await fixture.rowCount("definition_revision") == new.count)
            #expect(Set(results.map(\.useCase)).count == 1)
        }
    }

    @Test("a revision and its examples come back as they were")
    func roundTrip() async throws {
        try await StoresFixture.run { fixture in
            let submission = StoresFixture.submission()
            let useCase = try await fixture.store.apply(submission).useCase
            let revision = try #require(try await fixture.store.latestRevision(of: useCase))
            #expect(revision.document == submission.document)
            #expect(revision.sha256 == Digest(of: submission.document.useCase.canonicalJSON))
            #expect(revision.sourceText == submission.sourceText && revision.appliedBy == "ada")
            let cycle = try await fixture.store.openCycle(for: useCase, actor: "ada")
            let prototype = try await fixture.store.examples(of: cycle.snapshot, in: .prototype)
            #expect(prototype.map(\.row) == [2, 3])
            #expect(prototype.map(\.inputs) == submission.rows[1...2].map(\.inputs))
            #expect(try await fixture.store.labels(of: cycle.snapshot) == ["blue", "red"])
            #expect(try await fixture.store.useCase(named: "colour") == useCase)
            #expect(try await fixture.store.useCase(named: "shape") == nil)
        }
    }

    @Test("opening a cycle ends the one before that is stuck, cancels its work and pins the latest revision")
    func openCycle() async throws {
        try await StoresFixture.run { fixture in
            let first = try await fixture.advance(fixture.startedCycle(), by: .workFailed(code: "x", message: "y"))
            _ = try await fixture.store.apply(StoresFixture.submission(prompt: "Another."))
            let second = try await fixture.store.openCycle(for: first.useCase, actor: "ada")
            #expect(second.number == 2 && second.revision.number == 2 && second.state == .new)
            #expect(try await fixture.store.currentCycle(of: first.useCase)?.id == second.id)
            #expect(try await fixture.store.claim(limit: 5, worker: "w", lease: .seconds(3600)).isEmpty)
            let failure = await code { try await fixture.advance(first, by: .paused) }
            #expect(failure == "cycle.conflict", "an ended cycle takes no transition")
        }
    }

    @Test("a newer revision waits for a cycle that is blocked, and not for one that works")
    func newerRevision() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.startedCycle()
            _ = try await fixture.store.apply(StoresFixture.submission(prompt: "Another."))
            #expect(try await fixture.store.waitingUseCases() == [])
            try await fixture.advance(cycle, by: .cancelled)
            #expect(try await fixture.store.waitingUseCases() == [cycle.useCase])
        }
    }

    @Test("many that start a use case's next cycle at once start one, and none while a cycle is under way")
    func startedOnce() async throws {
        try await StoresFixture.run { fixture in
            let cycles = CycleService(stores: fixture.store)
            let first = try await fixture.startedCycle()
            _ = try await fixture.store.apply(StoresFixture.submission(prompt: "Another."))
            #expect(try await cycles.start(first.useCase, actor: "ada") == first.id, "it works, and keeps its revision")
            try await fixture.advance(first, by: .cancelled)
            let started = try await withThrowingTaskGroup(of: CycleID.self) { group in
                for _ in 0..<8 { group.addTask { try await cycles.start(first.useCase, actor: "fledged") } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(started.count == 1 && !started.contains(first.id))
            #expect(
                try await fixture.store.cycles(of: first.useCase).map(\.state.activity) == [
                    .experimenting, .experimenting,
                ])
            #expect(try await fixture.store.history(of: first.useCase).count { $0.event == "started" } == 2)
        }
    }

    @Test("a cycle whose daemon was killed before it started it is started by another")
    func startedLater() async throws {
        try await StoresFixture.run { fixture in
            let cycle = try await fixture.store.openCycle(for: fixture.useCase(), actor: "ada")
            #expect(try await fixture.store.waitingUseCases() == [cycle.useCase])
            #expect(try await CycleService(stores: fixture.store).start(cycle.useCase, actor: "fledged") == cycle.id)
            #expect(try await fixture.store.waitingUseCases() == [])
            #expect(try await fixture.store.cycle(cycle.id).state.activity == .experimenting)
        }
    }

    @Test("use cases are shown page by page, in the order of their names")
    func pages() async throws {
        try await StoresFixture.run { fixture in
            for name in ["b", "a1", "a-2", "c-1"] { _ = try await fixture.store.apply(StoresFixture.submission(name)) }
            let first = try await fixture.store.statuses(after: nil, limit: 3)
            #expect(first.map(\.name) == ["a-2", "a1", "b"])
            #expect(try await fixture.store.statuses(after: "b", limit: 3).map(\.name) == ["c-1"])
            #expect(try await fixture.store.statuses(after: "c-1", limit: 3).isEmpty)
        }
    }

    @Test("a cycle that does not exist, and a use case without a definition, are told by their codes")
    func unknown() async throws {
        try await StoresFixture.run { fixture in
            let noCycle = await code { _ = try await fixture.store.cycle(CycleID(99)) }
            #expect(noCycle == "cycle.unknown")
            let noRevision = await code { _ = try await fixture.store.openCycle(for: UseCaseID(99), actor: "ada") }
            #expect(noRevision == "use_case.no_revision")
            let nobody = await code { _ = try await fixture.store.statuses(useCase: "nobody") }
            #expect(nobody == "use_case.unknown")
        }
    }

    @Test("a database that cannot be reached is told with exit status 69 and what to do")
    func unreachable() async throws {
        let pool = PostgresPool(
            PostgresConfiguration(connectionString: "host=127.0.0.1 port=1 dbname=none", acquireTimeout: .seconds(1)),
            logger: .init(label: "fledge.tests"))
        let store = PostgresStores(pool: pool, logger: .init(label: "fledge.tests"))
        let error = await #expect(throws: FledgeError.self) { _ = try await store.statuses(useCase: nil) }
        #expect(error?.code == "database.unreachable" && error?.exitCode == .unavailable && error?.hint != nil)
    }
}

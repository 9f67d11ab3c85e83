import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import PostgresClient
import Testing

@Suite("A worker", .timeLimit(.minutes(15))) struct WorkerTests {
    @Test("buries work that has taken its daemon with it five times, and a retry gives it all attempts again")
    func poison() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            // Five daemons that die with the work in their hands.
            for attempt in 1...5 {
                let claimed = try await fixture.store.claim(limit: 1, worker: "dying-\(attempt)", lease: .zero)
                #expect(claimed.map(\.attempt) == [attempt])
            }
            let state = try await fixture.work(as: "heir") { $0.isBlocked }
            #expect(state.block?.code == "work.exhausted")
            #expect(fixture.models.calls.isEmpty, "the poison is not touched a sixth time")
            let dead = try #require(try await fixture.control.work(in: [.dead], name: "parity", limit: 5).first)
            #expect(dead.errorCode == "work.exhausted" && dead.attempts == 6)
            _ = try await fixture.control.retryWork(dead.id, actor: "ada")
            try await fixture.work(as: "heir") { $0.isLive }
            #expect(try await fixture.control.work(in: [], name: nil, limit: 5).allSatisfy { $0.kind == "notify" })
        }
    }

    @Test("blocks a use case whose work has ended a second daemon, and a retry tries it again")
    func quarantine() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            for daemon in ["dying-1", "dying-2"] {
                try await fixture.store.beat(worker: daemon, host: "here", processID: 1)
                #expect(try await fixture.store.claim(limit: 4, worker: daemon, lease: .seconds(3600)).count == 1)
                try await fixture.pool.execute(
                    "UPDATE daemon SET seen_at = now() - interval '1 minute' WHERE worker = $1", [daemon])
                try await fixture.pool.execute(
                    "UPDATE work_item SET leased_until = now() - interval '15 seconds' WHERE state = 'leased'")
            }
            let state = try await fixture.work(as: "heir") { $0.isBlocked }
            #expect(state.block?.code == "work.quarantined")
            #expect(fixture.models.calls.isEmpty, "it is not touched a third time")
            let dead = try #require(try await fixture.control.work(in: [.dead], name: "parity", limit: 5).first)
            _ = try await fixture.control.retryWork(dead.id, actor: "ada")
            try await fixture.work(as: "heir") { $0.isLive }
        }
    }

    @Test("blocks a use case whose stored definition has a number out of its range, with the number's code and place")
    func storedNumber() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let checked = try DefinitionIntake().check(
                ApplyRequest(
                    document: DefinitionDocument(
                        useCase: EngineFixture.definition(), sourceFile: "parity.swift",
                        locations: ["promptPrototype.rounds": 7]), sourceText: "…", directory: fixture.directory,
                    actor: "ada"))
            var submission = try #require(checked.submission)
            // As a version that knew no ranges has stored it.
            submission.document.useCase.promptPrototype?.rounds = RoundsDefinition(maximum: .max)
            let applied = try await fixture.store.apply(submission)
            _ = try await CycleService(stores: fixture.store).start(applied.useCase, actor: "ada")
            let state = try await fixture.work { $0.isBlocked }
            #expect(state.block?.code == "rounds.not_positive")
            #expect(state.block?.message.contains("parity.swift:7") == true)
            #expect(fixture.models.calls.isEmpty)
        }
    }

    @Test("buries a dead report, which a person can bring back")
    func report() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.store.enqueue(
                report: ReportRequest(
                    useCase: "nobody", schedule: nil, slot: nil, from: nil, formats: [.json], key: "k"))
            try await fixture.withWorker("worker") {
                _ = try await eventually { try await !fixture.control.work(in: [.dead], name: nil, limit: 1).isEmpty }
            }
            let dead = try #require(try await fixture.control.work(in: [.dead], name: nil, limit: 1).first)
            #expect(dead.kind == "write-report" && dead.useCase == "nobody" && dead.errorCode == "use_case.unknown")
            let revived = try await fixture.control.retryWork(dead.id, actor: "ada")
            #expect(revived.state == .queued && revived.attempts == 0)
            let again = await code { _ = try await fixture.control.retryWork(dead.id, actor: "ada") }
            #expect(again == "work.not_dead")
            let unknown = await code { _ = try await fixture.control.retryWork(WorkItemID(-5), actor: "ada") }
            #expect(unknown == "work.unknown")
        }
    }

    @Test("does not retry dead work that its use case has gone on without")
    func obsolete() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            try await fixture.work { $0.isLive }
            try await fixture.pool.execute(
                "UPDATE work_item SET state = 'dead' WHERE kind = 'judge-gate' AND state = 'done'")
            let dead = try #require(try await fixture.control.work(in: [.dead], name: "parity", limit: 1).first)
            let found = await code { _ = try await fixture.control.retryWork(dead.id, actor: "ada") }
            #expect(found == "work.obsolete")
        }
    }

    @Test("finds work although no hint comes")
    func noHints() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            let queue = DeafQueue(store: fixture.store, hangs: false, hears: false)
            let handler = HeldHandler()
            var settings = WorkerService.Settings()
            settings.pollInterval = .milliseconds(50)
            let worker = WorkerService(
                worker: "deaf", host: "here", processID: 1, settings: settings, queue: queue,
                cycles: CycleService(stores: fixture.store), handlers: [.runExperiment: handler],
                logger: PostgresFixture.shared.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                _ = try await eventually { try await fixture.rowCount(of: "daemon") == 1 }
                try await fixture.apply()
                await handler.hold.isHeld()
                group.cancelAll()
                try await group.waitForAll()
            }
            // Stopped, not failed: it goes back as it came.
            let left = try await fixture.store.work(in: [.queued], useCase: nil, limit: 1)
            #expect(left.map(\.attempts) == [0])
        }
    }

    @Test("counts the attempts of work that says it was cancelled when nobody did")
    func quits() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            var settings = WorkerService.Settings()
            settings.lease = .seconds(300)
            settings.pollInterval = .milliseconds(50)
            settings.retries = RetryPolicy(base: .milliseconds(1), cap: .milliseconds(1))
            let worker = WorkerService(
                worker: "quitter", host: "here", processID: 1, settings: settings, queue: fixture.store,
                cycles: CycleService(stores: fixture.store), handlers: [.runExperiment: Quitter()],
                logger: PostgresFixture.shared.logger)
            try await fixture.apply()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                _ = try await eventually { try await fixture.currentState().isBlocked }
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(try await fixture.currentState().block?.code == "work.failed")
        }
    }

    @Test("does not block a cycle whose notification fails, for the cycle is at other work by then")
    func notification() async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply(EngineFixture.definition(approval: .manual))
            let cycle = try await fixture.cycle().id
            let cycles = CycleService(stores: fixture.store)
            let candidate = Digest(of: "candidate")
            let events: [CycleEvent] = [
                .candidateChosen(candidate), .gateJudged(.passed, candidate), .decisionMade(.promote),
            ]
            for event in events {
                let work = try #require(
                    try await fixture.store.claim(limit: 1, worker: "a", lease: .seconds(3600)).first)
                try await cycles.apply(event, to: cycle, actor: "fledged", finishing: work.lease)
            }
            try await cycles.apply(.approvalGiven, to: cycle, actor: "ada")
            let release = HeldHandler()
            let worker = WorkerService(
                worker: "worker", host: "here", processID: 1, settings: .init(), queue: fixture.store, cycles: cycles,
                handlers: [.notify: FailingHandler(), .makeRelease: release], logger: PostgresFixture.shared.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                await release.hold.isHeld()
                #expect(try await fixture.store.cycle(cycle).state.block == nil)
                #expect(try await fixture.control.work(in: [.dead], name: nil, limit: 5).map(\.kind) == ["notify"])
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test("stops its work before another begins it, when its renewals do not come through", arguments: [false, true])
    func heartbeat(hangs: Bool) async throws {
        try await EngineFixture.run(promptsWork: true) { fixture in
            try await fixture.apply()
            let queue = DeafQueue(store: fixture.store, hangs: hangs)
            let handler = HeldHandler()
            var settings = WorkerService.Settings()
            settings.lease = .milliseconds(400)
            let worker = WorkerService(
                worker: "deaf", host: "here", processID: 1, settings: settings, queue: queue,
                cycles: CycleService(stores: fixture.store), handlers: [.runExperiment: handler],
                logger: PostgresFixture.shared.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                await handler.hold.isHeld()
                // It ends although nobody has told it to: the handler is cancelled by the term's end.
                await handler.ended.isHeld()
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}

extension EngineFixture {
    fileprivate func rowCount(of table: String) async throws -> Int {
        try await pool.query("SELECT count(*) AS n FROM \(table)")[0].get("n", as: Int.self)
    }
}

/// A handler that gives up without being asked to.
private struct Quitter: WorkHandler {
    func handle(_ item: WorkItem) async throws -> WorkOutcome { throw CancellationError() }
}

/// A handler that works until it is cancelled.
private struct HeldHandler: WorkHandler {
    let hold = Hold()
    let ended = Arrival()

    func handle(_ item: WorkItem) async throws -> WorkOutcome {
        defer { ended.arrive() }
        try await hold.untilCancelled()
    }
}

private struct FailingHandler: WorkHandler {
    func handle(_ item: WorkItem) async throws -> WorkOutcome {
        throw FledgeError("notification.failed", "nobody is there")
    }
}

private struct Arrival: Sendable {
    private let arrivals = AsyncStream<Void>.makeStream()

    func arrive() { arrivals.continuation.yield() }
    func isHeld() async { for await _ in arrivals.stream { return } }
}

/// A queue whose renewals fail, or are never answered.
private struct DeafQueue: WorkQueue {
    let store: PostgresStores
    let hangs: Bool
    var hears = true

    func renew(_ lease: WorkLease, for duration: Duration, isProven: Bool) async throws -> Bool {
        if hangs { try await Hold().untilCancelled() }
        throw FledgeError("database.unreachable", "cut", exitCode: .unavailable)
    }

    func claim(limit: Int, worker: String, lease: Duration, isIdle: Bool) async throws -> [WorkItem] {
        try await store.claim(limit: limit, worker: worker, lease: lease, isIdle: isIdle)
    }
    func hasToFreeItself(worker: String) async throws -> Bool { try await store.hasToFreeItself(worker: worker) }
    func finish(_ lease: WorkLease) async throws { try await store.finish(lease) }
    func bury(_ lease: WorkLease, because error: FledgeError) async throws {
        try await store.bury(lease, because: error)
    }
    func release(_ lease: WorkLease, after delay: Duration, countsAsAttempt: Bool, error: FledgeError?) async throws {
        try await store.release(lease, after: delay, countsAsAttempt: countsAsAttempt, error: error)
    }
    func enqueue(report: ReportRequest) async throws { try await store.enqueue(report: report) }
    func hints() async -> AsyncStream<Void> { hears ? await store.hints() : AsyncStream { _ in } }
    func depth() async throws -> (due: Int, leased: Int, dead: Int) { try await store.depth() }
    func work(in states: Set<WorkState>, useCase: String?, limit: Int) async throws -> [WorkView] {
        try await store.work(in: states, useCase: useCase, limit: limit)
    }
    func work(_ id: WorkItemID) async throws -> (view: WorkView, cycle: CycleID?)? { try await store.work(id) }
    func revive(_ id: WorkItemID) async throws -> Bool { try await store.revive(id) }
    func beat(worker: String, host: String, processID: Int32) async throws {
        try await store.beat(worker: worker, host: host, processID: processID)
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Logging
import PostgresClient
import Synchronization
import Testing

@Suite("Report schedules in the engine")
struct SchedulerTests {
    private static let weekly = ReportScheduleDefinition(
        recurrence: .weekly(.monday), time: "09:00", zone: "Europe/Berlin", formats: [.html])
    /// Monday, 2 November 2026, 09:00 in Berlin.
    private static let firstSlot = Date(timeIntervalSince1970: 1_793_606_400)
    private static let week: TimeInterval = 7 * 86_400

    /// Runs a body with a store that holds one schedule, and a scheduler whose clock the body sets.
    private func withScheduler(
        _ body: @Sendable (PostgresStores, Scheduler, @escaping @Sendable (Date) -> Void) async throws -> Void
    ) async throws {
        try await PostgresFixture.shared.withDatabase { pool in try await withScheduler(on: pool, body) }
    }

    private func withScheduler(
        on pool: PostgresPool,
        _ body: @Sendable (PostgresStores, Scheduler, @escaping @Sendable (Date) -> Void) async throws -> Void
    ) async throws {
        let logger = Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() })
        let store = PostgresStores(pool: pool, logger: logger)
        let useCase = UseCaseDefinition(name: "colour", reports: [Self.weekly])
        _ = try await store.apply(
            DefinitionSubmission(
                document: DefinitionDocument(useCase: useCase, sourceFile: "colour.swift"), sourceText: "…",
                actor: "ada", snapshotSHA256: Digest(of: "data"), sourcePath: "colour.jsonl",
                rows: [SnapshotRow(row: 1, split: .holdout, group: "g", inputs: ["text": "a"], expected: "red")]))
        let clock = TestClock(Self.firstSlot.addingTimeInterval(-3600))
        let scheduler = Scheduler(
            stores: store, cycles: CycleService(stores: store), now: { clock.now }, logger: logger)
        try await body(store, scheduler) { clock.set($0) }
    }

    private final class TestClock: Sendable {
        private let date: Mutex<Date>
        init(_ date: Date) { self.date = Mutex(date) }
        var now: Date { date.withLock { $0 } }
        func set(_ new: Date) { date.withLock { $0 = new } }
    }

    private func claimedSlots(_ store: PostgresStores) async throws -> [Date] {
        try await store.claim(limit: 100, worker: "w", lease: .seconds(3600)).compactMap { $0.report?.slot }
    }

    @Test("a slot that is not reached fires nothing")
    func early() async throws {
        try await withScheduler { store, scheduler, _ in
            try await scheduler.tick()
            #expect(try await claimedSlots(store).isEmpty)
        }
    }

    @Test("a slot that is reached fires one report, however often it is looked at")
    func onTime() async throws {
        try await withScheduler { store, scheduler, setClock in
            try await scheduler.tick()
            setClock(Self.firstSlot.addingTimeInterval(1))
            try await scheduler.tick()
            try await scheduler.tick()
            let slots = try await claimedSlots(store)
            #expect(slots == [Self.firstSlot])
        }
    }

    @Test("a schedule that cannot be read, or has no slot, holds up no other")
    func poisoned() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            try await withScheduler(on: pool) { store, scheduler, setClock in
                // Two that come first: of a zone that this machine does not know, and by a build that knows more.
                _ = try await pool.execute(
                    """
                    INSERT INTO report_schedule (use_case_id, definition, next_slot)
                    SELECT use_case_id, definition || added, now() - interval '10 years' FROM report_schedule,
                           unnest(ARRAY['{"zone": "Nowhere/Atoll"}', '{"recurrence": "hourly"}']::jsonb[]) AS added
                    """)
                try await scheduler.tick()
                setClock(Self.firstSlot)
                try await scheduler.tick()
                let slots = try await claimedSlots(store)
                #expect(slots == [Self.firstSlot])
            }
        }
    }

    @Test("slots missed while no daemon ran are caught up once, with the latest")
    func catchUp() async throws {
        try await withScheduler { store, scheduler, setClock in
            try await scheduler.tick()
            setClock(Self.firstSlot.addingTimeInterval(3 * Self.week + 60))
            try await scheduler.tick()
            try await scheduler.tick()
            let slots = try await claimedSlots(store)
            #expect(slots == [Self.firstSlot.addingTimeInterval(3 * Self.week)])
        }
    }

    @Test(
        "schedulers of many daemons that race through months of slots fire each at most once, and never an older one later"
    )
    func race() async throws {
        try await withScheduler { store, first, setClock in
            try await first.tick()
            let logger = Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() })
            for week in 0..<20 {
                let now = Self.firstSlot.addingTimeInterval(Double(week) * Self.week)
                setClock(now)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for daemon in 0..<8 {
                        // Clocks that go wrong by up to three weeks.
                        let own = now.addingTimeInterval(Double(daemon % 4) * -Self.week)
                        let scheduler = Scheduler(
                            stores: store, cycles: CycleService(stores: store), now: { own }, logger: logger)
                        group.addTask { try await scheduler.tick() }
                    }
                    try await group.waitForAll()
                }
            }
            let slots = try await claimedSlots(store)
            #expect(slots == (0..<20).map { Self.firstSlot.addingTimeInterval(Double($0) * Self.week) })
        }
    }

    @Test("a scheduler that slept between its look and its firing fires nothing, and sets nothing back")
    func stale() async throws {
        try await withScheduler { store, scheduler, setClock in
            try await scheduler.tick()
            let seen = try #require(try await store.dueSchedules(now: Self.firstSlot).first)
            setClock(Self.firstSlot.addingTimeInterval(2 * Self.week))
            try await scheduler.tick()
            let late = Self.firstSlot.addingTimeInterval(Self.week)
            let hasFired = try await store.fire(
                seen, slot: late, nextSlot: Self.firstSlot.addingTimeInterval(2 * Self.week),
                request: ReportRequest(
                    useCase: seen.useCase, schedule: seen.id, slot: late, from: nil, formats: [.html], key: "late"))
            #expect(!hasFired)
            #expect(try await claimedSlots(store) == [Self.firstSlot.addingTimeInterval(2 * Self.week)])
            #expect(try await store.dueSchedules(now: Self.firstSlot.addingTimeInterval(2 * Self.week)).isEmpty)
        }
    }

    @Test("when a daemon dies in the slot, another fires it, once")
    func deathInTheSlot() async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            try await withScheduler(on: pool) { store, scheduler, setClock in
                try await scheduler.tick()
                setClock(Self.firstSlot)
                // What a daemon has done that is killed before COMMIT: the slot is its own, and nobody knows.
                let (begun, isBegun) = AsyncStream<Int>.makeStream()
                async let dying: Void = pool.withConnection { connection in
                    try await connection.script("BEGIN")
                    try await connection.script(
                        """
                        UPDATE report_schedule SET next_slot = next_slot + interval '1 week';
                        INSERT INTO schedule_slot (schedule_id, slot)
                        SELECT id, next_slot - interval '1 week' FROM report_schedule;
                        """)
                    isBegun.yield(
                        try await connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self))
                    _ = try await connection.query("SELECT pg_sleep(60)")
                }
                var pids = begun.makeAsyncIterator()
                let pid = try #require(await pids.next())
                async let other: Void = scheduler.tick()
                // The other stands behind the row's lock before its holder is ended.
                let isWaiting = try await eventually {
                    try await pool.query(
                        "SELECT FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid))", [pid]
                    ).count == 1
                }
                #expect(isWaiting)
                _ = try await pool.query("SELECT pg_terminate_backend($1::int)", [pid])
                try await other
                try? await dying
                try await scheduler.tick()
                #expect(try await claimedSlots(store) == [Self.firstSlot])
            }
        }
    }
}

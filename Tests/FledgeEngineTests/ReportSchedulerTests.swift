import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Foundation
import Logging
import Synchronization
import Testing

@Suite("Report schedules in the engine")
struct ReportSchedulerTests {
    private static let weekly = ReportScheduleDefinition(
        recurrence: .weekly(.monday), time: "09:00", zone: "Europe/Berlin", formats: [.html])
    /// Monday, 2 November 2026, 09:00 in Berlin.
    private static let firstSlot = Date(timeIntervalSince1970: 1_793_606_400)
    private static let week: TimeInterval = 7 * 86_400

    /// Runs a body with a store that holds one schedule, and a scheduler whose clock the body sets.
    private func withScheduler(
        _ body: @Sendable (PostgresStore, ReportScheduler, @escaping @Sendable (Date) -> Void) async throws -> Void
    ) async throws {
        try await PostgresFixture.shared.withDatabase { pool in
            let logger = Logger(label: "fledge.tests", factory: { _ in SwiftLogNoOpLogHandler() })
            let store = PostgresStore(pool: pool, logger: logger)
            let useCase = UseCaseDefinition(name: "colour", reports: [Self.weekly])
            _ = try await store.apply(
                DefinitionSubmission(
                    document: DefinitionDocument(useCase: useCase, sourceFile: "colour.swift"), sourceText: "…",
                    actor: "ada", snapshotSHA256: Digest(of: "data"), sourcePath: "colour.jsonl",
                    rows: [SnapshotRow(row: 1, split: .holdout, group: "g", inputs: ["text": "a"], expected: "red")]))
            let clock = TestClock(Self.firstSlot.addingTimeInterval(-3600))
            let scheduler = ReportScheduler(
                stores: store, cycles: CycleService(stores: store), now: { clock.now }, logger: logger)
            try await body(store, scheduler) { clock.set($0) }
        }
    }

    private final class TestClock: Sendable {
        private let date: Mutex<Date>
        init(_ date: Date) { self.date = Mutex(date) }
        var now: Date { date.withLock { $0 } }
        func set(_ new: Date) { date.withLock { $0 = new } }
    }

    private func claimedSlots(_ store: PostgresStore) async throws -> [Date] {
        try await store.claim(limit: 10, worker: "w", lease: .seconds(30)).compactMap { $0.report?.slot }
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
}

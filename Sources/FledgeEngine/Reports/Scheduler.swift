import FledgeCore
import FledgeDocument
import Foundation
import Logging
import ServiceLifecycle

/// Fires report schedules, starts the cycles that waited for another to end, and retries those that waited for the next
/// period of their cap.
///
/// Any number of daemons may run it: a slot and a cycle are taken once, because the database says so.
package struct Scheduler: Service {
    private let stores: any Looks
    private let cycles: CycleService
    private let interval: Duration
    private let now: @Sendable () async throws -> Date
    private let runtime: EngineRuntime
    private let logger: Logger
    package let pulse = Pulse()

    /// What a look asks of the database.
    package typealias Looks = ScheduleStore & TransitionStore & CapStore

    /// - Parameter now: the database's time, unless it is set for a test.
    package init(
        stores: any Looks, cycles: CycleService, interval: Duration = .seconds(5),
        now: (@Sendable () async throws -> Date)? = nil, runtime: EngineRuntime = EngineRuntime(), logger: Logger
    ) {
        self.stores = stores
        self.cycles = cycles
        self.interval = interval
        self.now = now ?? { try await stores.clock() }
        self.runtime = runtime
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await loop()
        }
    }

    /// Looks again and again until it is cancelled.
    package func loop() async {
        while !Task.isCancelled {
            do {
                try await tick()
                pulse.beat()
                EngineMetrics.schedulerLooked(isOK: true)
            } catch {
                if !Task.isCancelled {
                    EngineMetrics.schedulerLooked(isOK: false)
                    logger.warning("the scheduler's look failed", metadata: ["error": "\(error)"])
                }
            }
            try? await runtime.clock.sleep(for: interval)
        }
    }

    /// One look: what is due now is fired.
    package func tick() async throws {
        let now = try await now()
        for schedule in try await stores.unplannedSchedules() {
            try await apart(["schedule": "\(schedule.id)"]) {
                try await stores.plan(
                    schedule.id, nextSlot: try ReportSchedule.nextSlot(after: now, definition: schedule.definition))
            }
        }
        for schedule in try await stores.dueSchedules(now: now) {
            try await apart(["schedule": "\(schedule.id)"]) { try await fire(schedule, now: now) }
        }
        for useCase in try await stores.waitingUseCases() {
            try await apart(["use-case": "\(useCase)"]) { _ = try await cycles.start(useCase, actor: "fledged") }
        }
        for cycle in try await stores.cyclesPastCap(at: now) {
            try await apart(["cycle": "\(cycle)"]) { try await retry(cycle) }
        }
    }

    private func retry(_ cycle: CycleID) async throws {
        do {
            try await cycles.apply(.retried, to: cycle, actor: "fledged")
            logger.info("a new period of the cap has begun", metadata: ["cycle": "\(cycle)"])
        } catch let error as FledgeError where error.code == .cycleRejectedEvent {
            // Another daemon, or a person, was there first.
        }
    }

    /// What is wrong with one schedule or one use case holds up no other; a database that is away ends the look.
    private func apart(_ subject: Logger.Metadata, _ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as FledgeError where !error.mayPass {
            logger.warning(
                "the scheduler passed over what it cannot do",
                metadata: subject.merging(["error": "\(error)"]) { _, new in new })
        }
    }

    /// A slot that was missed while no daemon ran is caught up once, with the latest of those missed.
    private func fire(_ schedule: DueSchedule, now: Date) async throws {
        let slot =
            try ReportSchedule.slotDue(
                last: schedule.nextSlot.addingTimeInterval(-1), now: now, definition: schedule.definition)
            ?? schedule.nextSlot
        let next = try ReportSchedule.nextSlot(after: slot, definition: schedule.definition)
        let request = ReportRequest(
            useCase: schedule.useCase, schedule: schedule.id, slot: slot, from: nil,
            formats: schedule.definition.formats,
            key: "schedule-\(schedule.id)-\(Int64(saturating: slot.timeIntervalSince1970))")
        if try await stores.fire(schedule, slot: slot, nextSlot: next, request: request) {
            EngineMetrics.slotFired(lag: now.timeIntervalSince(slot))
            logger.info("report slot fired", metadata: ["use_case": "\(schedule.useCase)", "slot": "\(slot)"])
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Report schedules, one a use case, due every day: a slot is fired once, whoever sees it first.
struct SimulatedSchedules: Sendable {
    private struct Row: Sendable {
        var next: Date?
        /// The slots that were fired, in the order of firing.
        var fired: [Date] = []
    }

    private static let daily = ReportScheduleDefinition(
        recurrence: .daily, time: "08:00", zone: "UTC", formats: [.json])
    /// A slot may be so late, in seconds: a look and what may hold it up.
    private static let patience = 3_600.0

    private var rows: [Row]

    init(count: Int) { rows = Array(repeating: Row(), count: count) }

    /// Slots that were fired.
    var count: Int { rows.reduce(0) { $0 + $1.fired.count } }

    private func schedule(_ index: Int) -> DueSchedule {
        DueSchedule(
            id: ScheduleID(Int64(index)), useCase: "case-\(index)", definition: Self.daily,
            nextSlot: rows[index].next ?? .distantPast)
    }

    var unplanned: [DueSchedule] { rows.indices.filter { rows[$0].next == nil }.map(schedule) }

    func due(at now: Date) -> [DueSchedule] {
        rows.indices.filter { rows[$0].next.map { $0 <= now } ?? false }.map(schedule)
    }

    mutating func plan(_ id: ScheduleID, nextSlot: Date) {
        if rows[Int(id.rawValue)].next == nil { rows[Int(id.rawValue)].next = nextSlot }
    }

    mutating func fire(_ schedule: DueSchedule, slot: Date, nextSlot: Date) -> Bool {
        let index = Int(schedule.id.rawValue)
        guard rows[index].next == schedule.nextSlot, !rows[index].fired.contains(slot) else { return false }
        return fireUnchecked(schedule, slot: slot, nextSlot: nextSlot)
    }

    /// As one that looks and fires in two steps would.
    mutating func fireUnchecked(_ schedule: DueSchedule, slot: Date, nextSlot: Date) -> Bool {
        let index = Int(schedule.id.rawValue)
        rows[index].fired.append(slot)
        rows[index].next = nextSlot
        return true
    }

    /// As a scheduler that keeps in memory what comes next.
    mutating func forget() { for index in rows.indices { rows[index].next = nil } }

    /// Nothing was fired twice, nothing was left out, and nothing waits.
    func checkRest(at now: SimulatedStore.Time) throws(SimulationChecker.Violation) {
        for (index, row) in rows.enumerated() {
            guard Set(row.fired).count == row.fired.count else {
                throw .init(promise: .slotsFireOnce, what: "a slot of schedule \(index) was fired twice")
            }
            let hours = Int(
                max(0, SimulatedPorts.date(now).timeIntervalSince(SimulatedPorts.date(0)) - Self.patience) / 3_600)
            let due = (hours + 16) / 24
            guard row.fired.count >= due else {
                throw .init(promise: .slotsFireOnce, what: "schedule \(index) fired \(row.fired.count) of \(due) slots")
            }
        }
    }
}

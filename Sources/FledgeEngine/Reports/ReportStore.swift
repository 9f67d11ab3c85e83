import FledgeCore
import FledgeDocument
import Foundation

/// A report schedule that is due.
package struct DueSchedule: Codable, Hashable, Sendable {
    package var id: ScheduleID
    package var useCase: String
    package var definition: ReportScheduleDefinition
    package var nextSlot: Date

    package init(id: ScheduleID, useCase: String, definition: ReportScheduleDefinition, nextSlot: Date) {
        self.id = id
        self.useCase = useCase
        self.definition = definition
        self.nextSlot = nextSlot
    }
}

/// Schedules and reports.
package protocol ReportStore: Store {
    /// The database's time: the same for every daemon, whatever its own clock says.
    func clock() async throws -> Date
    /// Schedules without a next slot yet, or whose slot is at or before `now`.
    func dueSchedules(now: Date) async throws -> [DueSchedule]
    /// Active schedules whose next slot has not been set.
    func unplannedSchedules() async throws -> [DueSchedule]
    /// Sets the first slot of a new schedule.
    func plan(_ schedule: ScheduleID, nextSlot: Date) async throws
    /// Records that a slot fired (UNIQUE: a second time changes nothing and returns false), advances the schedule from the
    /// slot that the caller has seen (false when it stands elsewhere by now) and enqueues the report, in one transaction.
    func fire(_ schedule: DueSchedule, slot: Date, nextSlot: Date, request: ReportRequest) async throws -> Bool
    /// Everything that a report tells about the use cases, from the database, as of now.
    func reportContent(useCase: String?, from: Date?, to: Date) async throws -> PromotionReport
    func storeReport(_ report: PromotionReport, request: ReportRequest, files: [String: String]) async throws
        -> ReportView
    func reports(useCase: String?) async throws -> [ReportView]
}

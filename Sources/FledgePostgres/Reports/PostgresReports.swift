import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Logging
import PostgresClient

/// Schedules, their slots, and written reports.
enum ReportStatement: String, StoredStatement {
    case due = """
        SELECT s.id, u.name AS use_case, s.definition, s.next_slot
        FROM report_schedule s JOIN use_case u ON u.id = s.use_case_id
        WHERE s.is_active AND s.next_slot <= $1 ORDER BY s.next_slot, s.id
        """
    case unplanned = """
        SELECT s.id, u.name AS use_case, s.definition, now() AS next_slot
        FROM report_schedule s JOIN use_case u ON u.id = s.use_case_id
        WHERE s.is_active AND s.next_slot IS NULL ORDER BY s.id
        """
    case plan = "UPDATE report_schedule SET next_slot = $2 WHERE id = $1 AND next_slot IS NULL"
    case fireSlot =
        "INSERT INTO schedule_slot (schedule_id, slot) VALUES ($1, $2) ON CONFLICT (schedule_id, slot) DO NOTHING"
    // Advances a schedule only from the slot that the scheduler has read. A scheduler that was held up after reading
    // would otherwise fire an older slot after a newer one, and set the schedule back.
    case advance = "UPDATE report_schedule SET next_slot = $2 WHERE id = $1 AND next_slot = $3 AND is_active"
    case clock = "SELECT clock_timestamp() AS now"
    // The same request again leaves the report that is there, and gives it back.
    case store = """
        INSERT INTO report AS r (request_key, use_case_id, schedule_id, slot, document, files)
        VALUES ($1, (SELECT id FROM use_case WHERE name = $2), $3, $4, $5::jsonb, $6::jsonb)
        ON CONFLICT (request_key) DO UPDATE SET request_key = r.request_key
        RETURNING r.id, $2::text AS use_case, r.slot, r.created_at, r.files
        """
    case source = """
        SELECT r.source_verified FROM cycle c JOIN definition_revision r ON r.id = c.revision_id WHERE c.id = $1
        """
    case reports = """
        SELECT r.id, u.name AS use_case, r.slot, r.created_at, r.files
        FROM report r LEFT JOIN use_case u ON u.id = r.use_case_id
        WHERE $1::text IS NULL OR u.name = $1 ORDER BY r.id
        """
}

/// Schedules with their slots, and written reports.
package struct PostgresReports: ReportStore {
    let database: Database
    let reader: ReportReader

    package func dueSchedules(now: Date) async throws -> [DueSchedule] {
        try await schedules(in: database.rows(ReportStatement.due, [now]))
    }

    package func unplannedSchedules() async throws -> [DueSchedule] {
        try await schedules(in: database.rows(ReportStatement.unplanned))
    }

    /// One that another build wrote, and this one can't read, is left to that build.
    private func schedules(in rows: [PostgresRow]) throws -> [DueSchedule] {
        var schedules: [DueSchedule] = []
        for row in rows {
            do { schedules.append(try Self.schedule(row)) } catch let error as FledgeError {
                let id = try row.get("id", as: ScheduleID.self)
                database.logger.warning(
                    "a schedule cannot be read", metadata: ["schedule": "\(id)", "error": "\(error)"])
            }
        }
        return schedules
    }

    private static func schedule(_ row: PostgresRow) throws -> DueSchedule {
        DueSchedule(
            id: try row.get("id", as: ScheduleID.self), useCase: try row.get("use_case", as: String.self),
            definition: try row.json("definition", as: ReportScheduleDefinition.self),
            nextSlot: try row.get("next_slot", as: Date.self))
    }

    package func clock() async throws -> Date {
        guard let row = try await database.rows(ReportStatement.clock).first else { throw FledgeError.nothingCameBack }
        return try row.get("now", as: Date.self)
    }

    package func plan(_ schedule: ScheduleID, nextSlot: Date) async throws {
        try await database.change(ReportStatement.plan, [schedule, nextSlot])
    }

    package func fire(
        _ schedule: DueSchedule, slot: Date, nextSlot: Date, request: ReportRequest
    ) async throws -> Bool {
        let payload = try JSONProfile.stored.text(of: request)
        return try await database.transaction { connection in
            // The row's lock makes schedulers take turns; the key of the slots has the last word.
            guard
                try await connection.change(
                    ReportStatement.advance, [schedule.id, nextSlot, schedule.nextSlot]) == 1,
                try await connection.change(ReportStatement.fireSlot, [schedule.id, slot]) == 1
            else { return false }
            try await connection.pipeline([
                PostgresStatement(WorkStatement.enqueueReport, [payload, request.key]),
                PostgresStatement(HistoryStatement.hint, [PostgresWork.channel]),
            ])
            return true
        }
    }

    package func reportContent(useCase: String?, from: Date?, to: Date) async throws -> PromotionReport {
        try await reader.content(useCase: useCase, from: from, to: to)
    }

    package func storeReport(
        _ report: PromotionReport, request: ReportRequest, files: [String: String]
    ) async throws -> ReportView {
        let found = try await database.rows(
            ReportStatement.store,
            [
                request.key, request.useCase, request.schedule, request.slot, try JSONProfile.stored.text(of: report),
                try JSONProfile.stored.text(of: files),
            ])
        guard let row = found.first else { throw FledgeError.nothingCameBack }
        return try Self.report(in: row)
    }

    package func reports(useCase: String?) async throws -> [ReportView] {
        try await database.rows(ReportStatement.reports, [useCase]).map(Self.report)
    }

    private static func report(in row: PostgresRow) throws -> ReportView {
        ReportView(
            id: try row.get("id", as: ReportID.self), useCase: try row.get("use_case", as: String?.self),
            slot: try row.get("slot", as: Date?.self), createdAt: try row.get("created_at", as: Date.self),
            files: try row.json("files", as: [String: String].self))
    }
}

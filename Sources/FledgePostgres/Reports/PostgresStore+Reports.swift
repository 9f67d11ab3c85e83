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

extension PostgresStore: ReportStore {
    package func dueSchedules(now: Date) async throws -> [DueSchedule] {
        try await schedules(in: rows(ReportStatement.due, [now]))
    }

    package func unplannedSchedules() async throws -> [DueSchedule] {
        try await schedules(in: rows(ReportStatement.unplanned))
    }

    /// One that another build wrote, and this one can't read, is left to that build.
    private func schedules(in rows: [PostgresRow]) throws -> [DueSchedule] {
        var schedules: [DueSchedule] = []
        for row in rows {
            do { schedules.append(try Self.schedule(row)) } catch let error as FledgeError {
                let id = try row.get("id", as: ScheduleID.self)
                logger.warning("a schedule cannot be read", metadata: ["schedule": "\(id)", "error": "\(error)"])
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
        guard let row = try await rows(ReportStatement.clock).first else { throw Self.nothingCameBack }
        return try row.get("now", as: Date.self)
    }

    package func plan(_ schedule: ScheduleID, nextSlot: Date) async throws {
        try await change(ReportStatement.plan, [schedule, nextSlot])
    }

    package func fire(
        _ schedule: DueSchedule, slot: Date, nextSlot: Date, request: ReportRequest
    ) async throws -> Bool {
        let payload = try JSONProfile.stored.text(of: request)
        return try await transaction { connection in
            // The row's lock makes schedulers take turns; the key of the slots has the last word.
            guard
                try await connection.change(
                    ReportStatement.advance, [schedule.id, nextSlot, schedule.nextSlot]) == 1,
                try await connection.change(ReportStatement.fireSlot, [schedule.id, slot]) == 1
            else { return false }
            try await connection.pipeline([
                PostgresStatement(WorkStatement.enqueueReport, [payload, request.key]),
                PostgresStatement(HistoryStatement.hint, [Self.channel]),
            ])
            return true
        }
    }

    package func reportContent(useCase: String?, from: Date?, to: Date) async throws -> PromotionReport {
        var parts: [UseCaseReport] = []
        for standing in try await standings(useCase: useCase) {
            parts.append(try await part(of: standing, from: from, to: to))
        }
        return PromotionReport(from: from, to: to, fledgeVersion: FledgeVersion.current, useCases: parts)
    }

    private func part(of standing: Standing, from: Date?, to: Date) async throws -> UseCaseReport {
        let status = standing.status
        guard let id = try await useCase(named: status.name) else { throw Self.unknown(status.name) }
        let period = (from ?? .distantPast)...max(from ?? .distantPast, to)
        var gates: [GateResult] = []
        var decisions: [Decision] = []
        var sweeps: [SweepRecord] = []
        var isSourceVerified: Bool?
        if let cycle = standing.cycle {
            isSourceVerified = try await rows(ReportStatement.source, [cycle]).first?.get(
                "source_verified", as: Bool.self)
            gates = try await self.gates(of: cycle)
            decisions = try await self.decisions(of: cycle)
            sweeps = try await self.sweeps(of: cycle)
        }
        var trainings: [UseCaseReport.TrainingSummary] = []
        // The curves of trials are left out: the sweep's own section shows their results.
        for job in try await jobs(useCase: status.name)
        where job.cycle == status.cycle && (job.purpose == .final || job.adapter != nil) {
            trainings.append(.init(job: job, points: try await points(of: job.id)))
        }
        let releases = try await releases(of: id)
        var championGates: [GateResult]?
        if let champion = releases.first(where: \.isChampion), champion.cycle != status.cycle {
            championGates = try await self.gates(ofCycle: champion.cycle, useCase: id)
        }
        return UseCaseReport(
            status: status, purpose: standing.purpose,
            history: try await history(of: id).filter { period.contains($0.at) }, gates: gates, decisions: decisions,
            candidates: try await experiments(useCase: id).filter { $0.cycle == status.cycle }, trainings: trainings,
            releases: releases,
            nextSteps: NextSteps.sentences(
                for: status, newestRevision: standing.newestRevision, gates: gates, decisions: decisions),
            sweeps: sweeps.isEmpty ? nil : sweeps, championGates: championGates, isSourceVerified: isSourceVerified,
            audit: try await auditHead(of: id))
    }

    package func storeReport(
        _ report: PromotionReport, request: ReportRequest, files: [String: String]
    ) async throws -> ReportView {
        let found = try await rows(
            ReportStatement.store,
            [
                request.key, request.useCase, request.schedule, request.slot, try JSONProfile.stored.text(of: report),
                try JSONProfile.stored.text(of: files),
            ])
        guard let row = found.first else { throw Self.nothingCameBack }
        return try Self.report(in: row)
    }

    package func reports(useCase: String?) async throws -> [ReportView] {
        try await rows(ReportStatement.reports, [useCase]).map(Self.report)
    }

    private static func report(in row: PostgresRow) throws -> ReportView {
        ReportView(
            id: try row.get("id", as: ReportID.self), useCase: try row.get("use_case", as: String?.self),
            slot: try row.get("slot", as: Date?.self), createdAt: try row.get("created_at", as: Date.self),
            files: try row.json("files", as: [String: String].self))
    }
}

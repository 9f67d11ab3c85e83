import FledgeCore
import FledgeEngine
import Foundation

extension PostgresStores: StatusStore {
    package func statuses(useCase: String?) async throws -> [UseCaseStatus] {
        try await status.statuses(useCase: useCase)
    }

    package func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus] {
        try await status.statuses(after: name, limit: limit)
    }

    package func experiments(useCase: UseCaseID) async throws -> [CandidateScore] {
        try await status.experiments(useCase: useCase)
    }

    package func jobs(useCase: String?) async throws -> [TrainingJobView] { try await status.jobs(useCase: useCase) }

    package func missingAnswers(of cycle: CycleID) async throws -> [MissingFinding] {
        try await status.missingAnswers(of: cycle)
    }
}

extension PostgresStores: ReportStore {
    package func clock() async throws -> Date { try await reports.clock() }

    package func dueSchedules(now: Date) async throws -> [DueSchedule] { try await reports.dueSchedules(now: now) }

    package func unplannedSchedules() async throws -> [DueSchedule] { try await reports.unplannedSchedules() }

    package func plan(_ schedule: ScheduleID, nextSlot: Date) async throws {
        try await reports.plan(schedule, nextSlot: nextSlot)
    }

    package func fire(
        _ schedule: DueSchedule, slot: Date, nextSlot: Date, request: ReportRequest
    ) async throws -> Bool {
        try await reports.fire(schedule, slot: slot, nextSlot: nextSlot, request: request)
    }

    package func reportContent(useCase: String?, from: Date?, to: Date) async throws -> PromotionReport {
        try await reports.reportContent(useCase: useCase, from: from, to: to)
    }

    package func storeReport(
        _ report: PromotionReport, request: ReportRequest, files: [String: String]
    ) async throws -> ReportView {
        try await reports.storeReport(report, request: request, files: files)
    }

    package func reports(useCase: String?) async throws -> [ReportView] { try await reports.reports(useCase: useCase) }
}

extension PostgresStores: AccessStore {
    package func storedTokens() async throws -> [(token: AccessToken, sha256: Digest)] {
        try await access.storedTokens()
    }

    package func store(_ token: AccessToken, sha256: Digest) async throws -> AccessToken? {
        try await access.store(token, sha256: sha256)
    }

    package func revoke(_ name: String, by actor: String, at date: Date) async throws -> AccessToken? {
        try await access.revoke(name, by: actor, at: date)
    }
}

extension PostgresStores: AuditStore {
    package func auditHead(of useCase: UseCaseID) async throws -> AuditHead { try await audit.auditHead(of: useCase) }

    package func audit(_ useCase: UseCaseID, cycle: CycleID?) async throws -> AuditReading {
        try await audit.audit(useCase, cycle: cycle)
    }

    package func auditEntries(of useCase: UseCaseID, after sequence: Int) async throws -> [AuditEntry] {
        try await audit.auditEntries(of: useCase, after: sequence)
    }

    package func auditHashes(of useCase: UseCaseID, entry: Int, transition: Int) async throws -> (String?, String?) {
        try await audit.auditHashes(of: useCase, entry: entry, transition: transition)
    }

    package func auditGrowth(since place: AuditGrowth.Place) async throws -> AuditGrowth {
        try await audit.auditGrowth(since: place)
    }

    package func useCaseNames() async throws -> [String] { try await audit.useCaseNames() }

    package func championAdapters() async throws -> [(useCase: String, release: Int, adapter: AdapterDigest)] {
        try await audit.championAdapters()
    }
}

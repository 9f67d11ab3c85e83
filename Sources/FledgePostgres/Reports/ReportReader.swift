import FledgeCore
import FledgeEngine
import Foundation
import PostgresClient

/// Collects what a report says of use cases, from the stores of its subjects.
struct ReportReader: Sendable {
    let database: Database
    let cycles: PostgresCycles
    let status: PostgresStatus
    let decisions: PostgresDecisions
    let training: PostgresTraining
    let tuning: PostgresTuning
    let releases: PostgresReleases
    let audit: PostgresAudit

    /// - Parameters:
    ///   - useCase: nil for all.
    ///   - from: where the history that is told begins; nil for its beginning.
    /// - Throws: `use_case.unknown`.
    func content(useCase: String?, from: Date?, to: Date) async throws -> PromotionReport {
        var parts: [UseCaseReport] = []
        for standing in try await status.standings(useCase: useCase) {
            parts.append(try await part(of: standing, from: from, to: to))
        }
        return PromotionReport(from: from, to: to, fledgeVersion: FledgeVersion.current, useCases: parts)
    }

    private func part(of standing: PostgresStatus.Standing, from: Date?, to: Date) async throws -> UseCaseReport {
        let current = standing.status
        guard let id = try await cycles.useCase(named: current.name) else {
            throw FledgeError.unknownUseCase(current.name)
        }
        let period = (from ?? .distantPast)...max(from ?? .distantPast, to)
        var gates: [GateResult] = []
        var taken: [Decision] = []
        var sweeps: [SweepRecord] = []
        var isSourceVerified: Bool?
        if let cycle = standing.cycle {
            isSourceVerified = try await database.rows(ReportStatement.source, [cycle]).first?.get(
                "source_verified", as: Bool.self)
            gates = try await decisions.gates(of: cycle)
            taken = try await decisions.decisions(of: cycle)
            sweeps = try await tuning.sweeps(of: cycle)
        }
        var trainings: [UseCaseReport.TrainingSummary] = []
        // The curves of trials are left out: the sweep's own section shows their results.
        for job in try await status.jobs(useCase: current.name)
        where job.cycle == current.cycle && (job.purpose == .final || job.adapter != nil) {
            trainings.append(.init(job: job, points: try await training.points(of: job.id)))
        }
        let made = try await releases.releases(of: id)
        var championGates: [GateResult]?
        if let champion = made.first(where: \.isChampion), champion.cycle != current.cycle {
            championGates = try await decisions.gates(ofCycle: champion.cycle, useCase: id)
        }
        return UseCaseReport(
            status: current, purpose: standing.purpose,
            history: try await cycles.history(of: id).filter { period.contains($0.at) }, gates: gates,
            decisions: taken,
            candidates: try await status.experiments(useCase: id).filter { $0.cycle == current.cycle },
            trainings: trainings, releases: made,
            nextSteps: NextSteps.sentences(
                for: current, newestRevision: standing.newestRevision, gates: gates, decisions: taken),
            sweeps: sweeps.isEmpty ? nil : sweeps, championGates: championGates, isSourceVerified: isSourceVerified,
            audit: try await audit.auditHead(of: id))
    }
}

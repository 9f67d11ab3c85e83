import FledgeCore
import FledgeEngine
import Foundation

/// `fledge experiments`, `jobs`, `models` and `report list`.
enum WorkText {
    static func experiments(_ scores: [CandidateScore]) -> String {
        guard !scores.isEmpty else { return "no experiment yet" }
        return TextTable(
            [
                "#Cycle", "Purpose", "#Round", "Candidate", "From", "Model", "Adapter", "#Demos", "#Score", "#Samples",
                "#No answer", "#p50", "#Cost", "Note",
            ],
            rows: scores.map {
                [
                    String($0.cycle), $0.purpose.rawValue, String($0.round), $0.name,
                    origin($0.lineage), $0.model, $0.adapter?.short ?? ValueText.missing, String($0.demonstrations),
                    ValueText.score($0.score),
                    String($0.samples), String($0.errors),
                    $0.medianLatencySeconds.map { ValueText.score($0) + " s" } ?? ValueText.missing,
                    ValueText.dollars($0.costMicroDollars), notes($0).joined(separator: "; "),
                ]
            }
        ).render()
    }

    private static func notes(_ score: CandidateScore) -> [String] {
        var notes = [score.note].compactMap { $0 }
        if let missing = score.missing { notes.append(missing.causes.map(\.words).joined(separator: ", ")) }
        if let presumed = score.presumedCalls {
            notes.append("usage of \(presumed) calls presumed: the server did not say")
        }
        return notes
    }

    private static func origin(_ lineage: CandidateLineage?) -> String {
        guard let lineage else { return ValueText.missing }
        return lineage.parents.isEmpty
            ? lineage.operation : "\(lineage.operation) ← \(lineage.parentNames.joined(separator: " + "))"
    }

    static func jobs(_ jobs: [TrainingJobView]) -> String {
        guard !jobs.isEmpty else { return "no training job yet" }
        guard jobs.allSatisfy({ $0.run == nil }) else { return TrialText.jobs(jobs) }
        return TextTable(
            [
                "#Job", "Use case", "Executor", "State", "#Steps", "#Loss", "#Validation", "#Tokens/s", "#A step",
                "Left",
                "Adapter", "#Agreement", "Problem",
            ],
            rows: jobs.map { job in
                [
                    job.id.description, job.useCase, job.executor, state(job),
                    job.steps.map { steps in job.totalSteps.map { "\(steps)/\($0)" } ?? String(steps) }
                        ?? ValueText.missing,
                    ValueText.score(job.loss), ValueText.score(job.validationLoss),
                    job.tokensPerSecond.map { String(Int(saturating: $0)) } ?? ValueText.missing,
                    job.secondsPerStep.map { ValueText.seconds($0) } ?? ValueText.missing,
                    job.state == .running ? ValueText.span(job.etaSeconds) : ValueText.missing,
                    job.adapter?.short ?? ValueText.missing, ValueText.score(job.goldenAgreement),
                    job.errorMessage ?? "",
                ]
            }
        ).render()
    }

    /// `running`, `running: golden check`
    static func state(_ job: TrainingJobView) -> String {
        guard let phase = job.phase, phase != TrainingPhase.training.words else { return job.state.rawValue }
        return "\(job.state.rawValue): \(phase)"
    }

    /// - Parameter now: what shutdowns are near is told by.
    static func models(_ models: [ModelStatus], now: Date) -> String {
        guard !models.isEmpty else { return "no applied definition names a model yet" }
        let hasShutdowns = models.contains { $0.shutdownDate != nil }
        var titles = ["Model", "At", "Reachable", "Revision", "Tuned on", "#Adapters", "Left out", "Problem"]
        if hasShutdowns { titles.insert("Shut down", at: 7) }
        let table = TextTable(
            titles,
            rows: models.map { model in
                var cells = [
                    model.name, model.endpoint, model.isReachable ? "yes" : "no",
                    model.revision.map { String($0.prefix(12)) } ?? ValueText.missing,
                    model.weights ?? ValueText.missing, String(model.adapters.count),
                    model.leftOut?.joined(separator: ", ") ?? ValueText.missing, model.problem ?? "",
                ]
                if hasShutdowns { cells.insert(model.shutdownDate?.description ?? ValueText.missing, at: 7) }
                return cells
            })
        return ([table.render()] + models.compactMap { shutdown($0, now: now) }.map { InertText.line($0) }).joined(
            separator: "\n")
    }

    /// A warning where the model's end is near or past.
    private static func shutdown(_ model: ModelStatus, now: Date) -> String? {
        guard let day = model.shutdownDate, day.isNear(now) else { return nil }
        let days = day.days(from: now)
        let when =
            switch days {
            case ..<0: "was shut down on \(day), as its server says"
            case 0: "is shut down today"
            case 1: "is shut down tomorrow"
            default: "is shut down on \(day), in \(days) days"
            }
        return "warning: \(model.name) \(when): try another model in its place"
    }

    static func reports(_ reports: [ReportView]) -> String {
        guard !reports.isEmpty else { return "no report yet: fledge report now" }
        return TextTable(
            ["#Report", "Use case", "Slot", "Written", "Files"],
            rows: reports.map {
                [
                    $0.id.description, $0.useCase ?? "all", ValueText.date($0.slot), ValueText.date($0.createdAt),
                    $0.files.values.sorted().joined(separator: " "),
                ]
            }
        ).render()
    }
}

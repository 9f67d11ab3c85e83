import FledgeCore
import FledgeEngine

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
                    job.tokensPerSecond.map { String(Int($0)) } ?? ValueText.missing,
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

    static func models(_ models: [ModelStatus]) -> String {
        guard !models.isEmpty else { return "no applied definition names a model yet" }
        return TextTable(
            ["Model", "At", "Reachable", "Revision", "Tuned on", "#Adapters", "Left out", "Problem"],
            rows: models.map {
                [
                    $0.name, $0.endpoint, $0.isReachable ? "yes" : "no",
                    $0.revision.map { String($0.prefix(12)) } ?? ValueText.missing, $0.weights ?? ValueText.missing,
                    String($0.adapters.count), $0.leftOut?.joined(separator: ", ") ?? ValueText.missing,
                    $0.problem ?? "",
                ]
            }
        ).render()
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

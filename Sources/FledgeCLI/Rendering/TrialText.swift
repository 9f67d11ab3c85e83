import FledgeCore
import FledgeDocument
import FledgeEngine

/// Trials and pilots in `fledge jobs`, and sweeps in `fledge explain`.
enum TrialText {
    static func jobs(_ jobs: [TrainingJobView]) -> String {
        let columns = SettingColumn.shown(for: jobs)
        var titles = ["#Job", "Use case", "For", "State", "#Rank", "#Rate", "#Dropout", "#Epochs", "Layers"]
        titles += columns.map(\.title)
        titles += [
            "#Rung", "#Fold", "#Examples", "#Score", "#Steps", "#Loss", "#Tokens/s", "Left", "Adapter", "Problem",
        ]
        return TextTable(
            titles,
            rows: jobs.map { job in
                let run = job.run
                func cell(_ value: (some CustomStringConvertible)?) -> String {
                    value.map { "\($0)" } ?? ValueText.missing
                }
                var cells: [String] = [
                    job.id.description, job.useCase, purpose(job), WorkText.state(job), cell(run?.setting.rank),
                    cell(run?.setting.learningRate), cell(run?.setting.dropout), cell(run?.setting.epochs),
                    cell(run?.setting.layers.rawValue),
                ]
                cells += columns.map { column in cell(run.flatMap { column.value($0) }) }
                cells += [
                    cell(run.map { $0.rung + 1 }), cell(run?.fold.map { $0 + 1 }), cell(run?.rows),
                    ValueText.score(job.score),
                    job.steps.map { steps in job.totalSteps.map { "\(steps)/\($0)" } ?? String(steps) }
                        ?? ValueText.missing,
                    ValueText.score(job.loss), cell(job.tokensPerSecond.map { Int(saturating: $0) }),
                    job.state == .running ? ValueText.span(job.etaSeconds) : ValueText.missing,
                    cell(job.adapter?.short), job.errorMessage ?? "",
                ]
                return cells
            }
        ).render()
    }

    /// A hyperparameter that has a column only where a sweep names it.
    private enum SettingColumn: CaseIterable {
        case batchSize, weightDecay

        var title: String {
            switch self {
            case .batchSize: "#Batch"
            case .weightDecay: "#Decay"
            }
        }

        func value(_ run: TrialRun) -> String? {
            switch self {
            case .batchSize: run.setting.batchSize.map { "\($0)" }
            case .weightDecay: run.setting.weightDecay.map { "\($0)" }
            }
        }

        static func shown(for jobs: [TrainingJobView]) -> [SettingColumn] {
            let runs = jobs.compactMap(\.run)
            return allCases.filter { column in runs.contains { column.value($0) != nil } }
        }
    }

    private static func purpose(_ job: TrainingJobView) -> String {
        job.run.map { "\(job.purpose.rawValue) \($0.trial)" } ?? job.purpose.rawValue
    }

    static func sweep(_ sweep: SweepRecord) -> [String] {
        let tried =
            sweep.trials.count == sweep.planned ? "\(sweep.planned)" : "\(sweep.trials.count) of \(sweep.planned)"
        let resource = sweep.isCrossValidated ? "folds" : "examples"
        var spent = "\(sweep.jobs) jobs, \(ValueText.span(sweep.seconds))"
        if let cost = sweep.costMicroDollars { spent += ", " + ValueText.dollars(cost) }
        let table = TextTable(
            ["#Trial", "#Score", "#Answers", "#Rung", "Time", "Setting", ""],
            rows: sweep.trials.map { trial in
                [
                    "\(trial.trial)", ValueText.score(trial.score), "\(trial.answers)",
                    "\(trial.rung + 1)/\(sweep.rungs.count)", ValueText.span(trial.seconds), trial.setting.words,
                    trial.trial == sweep.chosen ? "chosen" : "",
                ]
            })
        return [
            "Sweep over \(tried) settings, ranked by \(sweep.metric): \(spent); rungs of "
                + sweep.rungs.map(String.init).joined(separator: ", ") + " \(resource)"
        ] + table.render().split(separator: "\n").map { "  " + $0 }
    }
}

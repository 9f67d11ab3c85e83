import FledgeCore

extension ReportPage.Training {
    /// A sweep as a list of its trials, the best first.
    init(_ sweep: SweepRecord, _ clean: (String) -> String) {
        let tried =
            sweep.trials.count == sweep.planned ? "\(sweep.planned)" : "\(sweep.trials.count) of \(sweep.planned)"
        title = clean("sweep over \(tried) settings, by \(sweep.metric)")
        chart = nil
        let how =
            sweep.isCrossValidated
            ? "cross-validation, promoted over \(sweep.rungs.map(String.init).joined(separator: " → ")) folds"
            : "on examples held back, promoted over \(sweep.rungs.map(String.init).joined(separator: " → ")) examples"
        var facts: [(String, String)] = [
            ("Scored", how), ("Jobs", "\(sweep.jobs), \(ReportText.duration(sweep.seconds))"),
        ]
        if let cost = sweep.costMicroDollars { facts.append(("Cost", ReportText.dollars(cost))) }
        facts += sweep.trials.map { trial in
            let score =
                trial.score.map { "\(ReportText.number($0, digits: 3)) on \(trial.answers) answers" } ?? "not scored"
            return (
                "Trial \(trial.trial)\(trial.trial == sweep.chosen ? " (chosen)" : "")",
                "\(score), rung \(trial.rung + 1) of \(sweep.rungs.count): \(trial.setting.words)"
            )
        }
        self.facts = facts.map { .init(name: clean($0.0), value: clean($0.1)) }
    }
}

import FledgeDocument

extension DefinitionValidator {
    static func checkTuning(_ useCase: UseCaseDefinition, _ facts: DatasetFacts, _ findings: inout Findings) {
        guard let fineTune = useCase.fineTune else { return }
        let rows = trainingRows(useCase, facts)
        if let sweep = fineTune.sweep { check(sweep, useCase, fineTune, trainingRows: rows, &findings) }
        if let pilot = fineTune.pilot { check(pilot, trainingRows: rows, &findings) }
    }

    /// Rows that neither of the other splits takes; nil when that is not known.
    private static func trainingRows(_ useCase: UseCaseDefinition, _ facts: DatasetFacts) -> Int? {
        guard facts.error == nil, facts.rowCount > 0, let split = useCase.dataset?.split, split.prototype > 0,
            split.holdout > 0, split.prototype < facts.rowCount, split.holdout < facts.rowCount - split.prototype
        else { return nil }
        return facts.rowCount - split.prototype - split.holdout
    }

    private static func check(
        _ sweep: SweepDefinition, _ useCase: UseCaseDefinition, _ fineTune: FineTuneDefinition, trainingRows: Int?,
        _ findings: inout Findings
    ) {
        let place = "fineTune.sweep"
        check(sweep.ranks, "rank", at: "\(place).ranks", &findings)
        check(sweep.learningRates, "learning rate", at: "\(place).learningRates", &findings)
        check(sweep.dropouts, "dropout", at: "\(place).dropouts", &findings)
        check(sweep.epochs, "number of epochs", at: "\(place).epochs", &findings)
        check(sweep.layers, "selection of layers", at: "\(place).layers", &findings)
        check(sweep.batchSizes ?? [], "batch size", at: "\(place).batchSizes", &findings)
        check(sweep.weightDecays ?? [], "weight decay", at: "\(place).weightDecays", &findings)
        check(sweep.seeds, "seed", at: "\(place).seeds", &findings)
        if SweepSpace(sweep, base: fineTune.lora).count < 2 {
            findings.error(
                "sweep.nothing_to_try", "the sweep has one setting only", at: place,
                hint: "give a hyperparameter several values: LearningRate(5e-4, 1e-3, 2e-3)")
        }
        if sweep.trials < 2 || sweep.reduction < 2 {
            findings.error(
                "sweep.bad_trials", "a sweep takes 2 trials or more, and keeps one in 2 or more",
                at: "\(place).trials", hint: "Trials(atMost: 12, keepingOneIn: 3)")
        }
        if sweep.folds < 2 || sweep.folds > 20 || sweep.foldsBelow < 0 {
            findings.error(
                "sweep.bad_folds", "\(sweep.folds) folds cannot be dealt", at: "\(place).folds",
                hint: "2 to 20; Folds(5, below: 500) is usual, and below: 0 switches cross-validation off")
        } else if let trainingRows, trainingRows < sweep.foldsBelow, trainingRows < sweep.folds {
            findings.error(
                "sweep.bad_folds", "\(trainingRows) training rows cannot be dealt into \(sweep.folds) folds",
                at: "\(place).folds", hint: "label more rows")
        }
        if let seconds = sweep.limitSeconds, seconds < 1 {
            findings.error(
                "sweep.bad_limit", "the time for all trials is not above zero", at: "\(place).limit",
                hint: "Limit(.minutes(60))")
        }
        guard let cost = sweep.costMicroDollars else { return }
        if cost <= 0 {
            findings.error(
                "sweep.bad_cost", "the cost of all trials is not above zero", at: "\(place).cost",
                hint: "Cost(atMost: .dollars(5))")
        } else if (useCase.costs?.perTrainingHourMicroDollars ?? 0) <= 0 {
            findings.error(
                "sweep.no_price", "the sweep's cost is capped, and nothing says what an hour of training costs",
                at: "\(place).cost", hint: "add Costs(perTrainingHour: .dollars(1.20)) to the UseCase")
        }
    }

    private static func check(
        _ values: [some Hashable], _ what: String, at place: String, _ findings: inout Findings
    ) {
        if Set(values).count < values.count {
            findings.error("sweep.duplicate", "a \(what) is given twice", at: place, hint: "keep one of them")
        }
    }

    private static func check(_ pilot: PilotDefinition, trainingRows: Int?, _ findings: inout Findings) {
        let place = "fineTune.pilot"
        if pilot.sizes.count < LearningCurve.minimumSizes {
            findings.error(
                "pilot.too_few_sizes",
                "a pilot needs \(LearningCurve.minimumSizes) sizes or more to show what more examples bring", at: place,
                hint: "Pilot(sizes: 50, 100, 200)")
        }
        for size in pilot.sizes where size < 1 {
            findings.error("pilot.bad_size", "a pilot of \(size) examples learns nothing", at: place, hint: nil)
        }
        if zip(pilot.sizes, pilot.sizes.dropFirst()).contains(where: { $0 >= $1 }) {
            findings.error("pilot.not_rising", "the pilot's sizes do not rise", at: place, hint: "smallest first")
        }
        if Set(pilot.seeds).count < pilot.seeds.count {
            findings.error("sweep.duplicate", "a seed is given twice", at: place, hint: "keep one of them")
        }
        if let trainingRows, let largest = pilot.sizes.max(), largest > trainingRows - TuningData.leastAsked {
            findings.error(
                "pilot.too_large",
                "a pilot of \(largest) examples does not fit: \(trainingRows) rows are left to train on, and "
                    + "\(TuningData.leastAsked) of them have to be asked",
                at: place, hint: "make the largest size smaller, or label more rows")
        }
    }
}

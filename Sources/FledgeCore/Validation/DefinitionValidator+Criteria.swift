import FledgeDocument

extension DefinitionValidator {
    static func checkCriteria(
        _ useCase: UseCaseDefinition, _ patterns: PatternCheck, _ findings: inout Findings
    ) {
        if let validation = useCase.validation {
            if validation.require.isEmpty {
                findings.error(
                    "validation.no_criteria", "validation requires nothing", at: "validation",
                    hint: "add Require { Accuracy(atLeast: 0.8, confidence: 0.95) }")
            }
            if validation.holdoutLooks < 1 {
                findings.error(
                    "validation.bad_looks", "a gate needs at least one look at the holdout", at: "validation", hint: nil
                )
            }
            for (index, criterion) in validation.require.enumerated() {
                let place = CriterionPlace(path: "validation.require[\(index)]", isAtGate: true)
                check(criterion, patterns, at: place, &findings)
                checkSize(criterion, looks: validation.holdoutLooks, useCase, at: place.path, &findings)
                criterion.metric.metric.checkFit(at: place, in: useCase, &findings)
            }
            checkContradictions(validation.require, &findings)
        }
        for (index, alternative) in (useCase.promptPrototype?.advance ?? []).enumerated() {
            for (number, condition) in alternative.conditions.enumerated() {
                let place = "promptPrototype.advance[\(index)].conditions[\(number)]"
                switch condition {
                case .criterion(let criterion):
                    let place = CriterionPlace(path: place, isAtGate: false)
                    check(criterion, patterns, at: place, &findings)
                    criterion.metric.metric.checkFit(at: place, in: useCase, &findings)
                case .plateau(let rounds, let gain):
                    if rounds < 1 || gain < 0 || !gain.isFinite {
                        findings.error(
                            "advance.bad_plateau", "a plateau needs at least one round and a gain of 0 or more",
                            at: place, hint: nil)
                    }
                }
            }
        }
    }

    private static func check(
        _ criterion: CriterionDefinition, _ patterns: PatternCheck, at criterionPlace: CriterionPlace,
        _ findings: inout Findings
    ) {
        let place = criterionPlace.path
        let metric = criterion.metric.metric
        let value = criterion.bound.value
        let title = metric.title
        if !(criterion.confidence > 0.5 && criterion.confidence < 1) {
            findings.error(
                "criterion.bad_confidence", "confidence \(criterion.confidence) is out of range", at: place,
                hint: "above 0.5 and below 1; 0.95 is usual")
        }
        if metric.isShare {
            if !(value > 0 && value <= 1) {
                findings.error(
                    "criterion.out_of_range", "\(title) is a share from 0 to 1, and the bound is \(value)", at: place,
                    hint: hint(forPercent: value))
            } else if value == 1 {
                findings.error(
                    "criterion.unprovable", "no number of examples can show that \(title) is 1", at: place,
                    hint: "0.99 needs about 300 examples without a miss")
            }
            if case .atMost = criterion.bound {
                findings.error(
                    "criterion.wrong_side", "\(title) is better when it is higher", at: place, hint: "use atLeast")
            }
        } else {
            if !(value > 0 && value.isFinite) {
                findings.error(
                    "criterion.out_of_range", "the bound \(value) on \(title) is not above zero", at: place, hint: nil)
            }
            if case .atLeast = criterion.bound {
                findings.error(
                    "criterion.wrong_side", "\(title) is better when it is lower", at: place, hint: "use atMost")
            }
        }
        metric.check(at: criterionPlace, patterns, &findings)
    }

    /// Whether the holdout could show the criterion if every answer were right.
    private static func checkSize(
        _ criterion: CriterionDefinition, looks: Int, _ useCase: UseCaseDefinition, at place: String,
        _ findings: inout Findings
    ) {
        let metric = criterion.metric.metric
        guard metric.isHeldToRate, case .atLeast(let bound) = criterion.bound, bound < 1,
            criterion.confidence > 0.5, criterion.confidence < 1, looks >= 1,
            var count = useCase.dataset?.split?.holdout, count > 0
        else { return }
        if let examples = metric.repetition?.examples { count = min(count, examples) }
        let alpha = (1 - criterion.confidence) / Double(looks)
        guard Bounds.clopperPearson(successes: count, trials: count, alpha: alpha).lower < bound else { return }
        let needed = CriterionEvaluator.countNeeded(rate: 1, bound: criterion.bound, alpha: alpha)
        findings.error(
            "criterion.unreachable",
            "\(count) examples cannot show that \(metric.title) is at least \(bound), even without one miss",
            at: place,
            hint: needed.map { "it takes \($0) examples, or a lower bound or confidence" })
    }

    /// The same metric bounded twice: on one side, or from both sides with nothing between.
    private static func checkContradictions(_ criteria: [CriterionDefinition], _ findings: inout Findings) {
        var seen: [MetricDefinition: CriterionDefinition] = [:]
        for (index, criterion) in criteria.enumerated() {
            guard let other = seen.updateValue(criterion, forKey: criterion.metric) else { continue }
            let place = "validation.require[\(index)]"
            let title = criterion.metric.title
            switch (other.bound, criterion.bound) {
            case (.atLeast(let low), .atMost(let high)) where low > high,
                (.atMost(let high), .atLeast(let low)) where low > high:
                findings.error(
                    "criterion.contradiction", "\(title) cannot be at least \(low) and at most \(high)", at: place,
                    hint: "nothing can pass both: drop one")
            default:
                findings.error(
                    "criterion.duplicate", "\(title) is bounded twice", at: place, hint: "keep the stricter one")
            }
        }
    }
}

import FledgeDocument

extension DefinitionValidator {
    /// Comparisons, slices and perturbations: what a gate looks at beside its criteria.
    static func checkEvidence(_ useCase: UseCaseDefinition, _ facts: DatasetFacts, _ findings: inout Findings) {
        guard let validation = useCase.validation else { return }
        checkComparisons(validation, &findings)
        if let share = validation.missingAnswers, !(share >= 0 && share < 1) {
            findings.error(
                "validation.bad_missing_answers", "\(share) is no share of answers that may be missing",
                at: "validation.missingAnswers",
                hint: hint(forPercent: share) ?? "0 up to 1")
        }
        if let slices = validation.slices { check(slices, useCase, facts, &findings) }
        for (index, criterion) in validation.require.enumerated() {
            criterion.metric.metric.checkData(
                at: CriterionPlace(path: "validation.require[\(index)]", isAtGate: true), in: useCase, facts, &findings)
        }
        for (index, alternative) in (useCase.promptPrototype?.advance ?? []).enumerated() {
            for (number, condition) in alternative.conditions.enumerated() {
                guard case .criterion(let criterion) = condition else { continue }
                criterion.metric.metric.checkData(
                    at: CriterionPlace(
                        path: "promptPrototype.advance[\(index)].conditions[\(number)]", isAtGate: false), in: useCase,
                    facts, &findings)
            }
        }
    }

    private static func checkComparisons(_ validation: ValidationDefinition, _ findings: inout Findings) {
        var seen: Set<ComparisonDefinition> = []
        for (index, comparison) in (validation.comparisons ?? []).enumerated() {
            let place = "validation.comparisons[\(index)]"
            let range = comparison.kind == .better ? "0 up to 1" : "above 0 and below 1"
            let isSound =
                comparison.margin.isFinite && comparison.margin < 1
                && (comparison.kind == .better ? comparison.margin >= 0 : comparison.margin > 0)
            if !isSound {
                findings.error(
                    "comparison.bad_margin", "the margin \(comparison.margin) is out of range", at: place,
                    hint: hint(forPercent: comparison.margin) ?? range)
            }
            if !(comparison.confidence > 0.5 && comparison.confidence < 1) {
                findings.error(
                    "comparison.bad_confidence", "confidence \(comparison.confidence) is out of range", at: place,
                    hint: "above 0.5 and below 1; 0.95 is usual")
            }
            if let metric = comparison.metric, !metric.metric.isMeanOfScores {
                findings.error(
                    "comparison.bad_metric", "\(metric.title) is not the score of a single answer", at: place,
                    hint: "compare accuracy, exactMatch, tokenF1 and the like; CheaperThan compares costs")
            }
            var key = comparison
            (key.margin, key.confidence) = (0, 0)
            if !seen.insert(key).inserted {
                findings.error(
                    "comparison.duplicate", "the same comparison is asked for twice", at: place,
                    hint: "keep the stricter one")
            }
            key.kind = .better
            if comparison.kind == .noWorse, (validation.comparisons ?? []).contains(where: { $0.isLike(key) }) {
                findings.warning(
                    "comparison.implied", "what is better than the champion is no worse", at: place,
                    hint: "keep BetterThan alone")
            }
        }
    }

    private static func check(
        _ slices: SlicesDefinition, _ useCase: UseCaseDefinition, _ facts: DatasetFacts, _ findings: inout Findings
    ) {
        let place = "validation.slices"
        if slices.fields.isEmpty {
            findings.error("slices.no_field", "Slices names no field", at: place, hint: "Slices(\"language\")")
        }
        if Set(slices.fields).count < slices.fields.count {
            findings.error("slices.duplicate", "Slices names a field twice", at: place, hint: nil)
        }
        checkFields(slices.fields, facts, at: place, &findings)
    }

    /// What to write for a share that was given in percent; nil where that is no share, or has many digits.
    static func hint(forPercent percent: Double) -> String? {
        guard percent >= 1, percent < 100 else { return nil }
        let share = percent / 100
        let text = [2, 4, 6].map { share.formatted(decimals: $0) }.first { abs((Double($0) ?? 0) - share) < 1e-12 }
        return text.map { "write \($0)" }
    }

    static func checkFields(
        _ fields: [String], _ facts: DatasetFacts, at place: String, _ findings: inout Findings
    ) {
        guard facts.error == nil, facts.rowCount > 0 else { return }
        for field in fields where !facts.fields.contains(field) {
            findings.error(
                "dataset.unknown_field", "the data has no field \(field)", at: place,
                hint: Suggestion.hint(
                    for: field, among: facts.fields, else: "its fields are " + facts.fields.joined(separator: ", ")))
        }
    }
}

extension ComparisonDefinition {
    fileprivate func isLike(_ other: ComparisonDefinition) -> Bool { kind == other.kind && metric == other.metric }
}

extension ValidationDefinition {
    /// Fields of the data rows that gates need beside the inputs.
    package var keptFields: [String] {
        let paraphrases = require.flatMap { criterion -> [String] in
            guard case .robustness(let perturbations, _) = criterion.metric else { return [] }
            return perturbations.compactMap { if case .paraphrase(let field) = $0 { field } else { nil } }
        }
        return Set((slices?.fields ?? []) + paraphrases).sorted()
    }
}

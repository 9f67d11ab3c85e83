import FledgeDocument

/// Whether the named field of an answer's JSON object equals that of the expected one (`JSONFieldScorer`).
struct JSONFieldMetric: Metric {
    let field: String
    let comparison: JSONFieldComparison

    var name: String {
        switch comparison {
        case .meaning: "json-field:\(field)"
        case .exact: "exact-json-field:\(field)"
        }
    }

    var title: String {
        switch comparison {
        case .meaning: "JSON field \(field)"
        case .exact: "JSON field \(field), exactly"
        }
    }

    let isQuality = true
    let asksJSON = true

    /// The field's values in the data.
    func prepared(labels: [String]) -> (any Sendable)? {
        LabelComparison(labels.compactMap { JSONFieldScorer.text(of: field, in: $0) })
    }

    func score(_ answer: Scorer.Answer, by scorer: Scorer) -> Double? {
        Scorer.hit(
            JSONFieldScorer.matches(
                output: answer.output, expected: answer.expected, field: field, comparison: comparison,
                values: scorer.prepared[name] as? LabelComparison ?? LabelComparison([])))
    }

    func check(at place: CriterionPlace, _ patterns: PatternCheck, _ findings: inout DefinitionValidator.Findings) {
        guard field.isEmpty else { return }
        findings.error("criterion.bad_field", "the JSON field has no name", at: place.path, hint: nil)
    }
}

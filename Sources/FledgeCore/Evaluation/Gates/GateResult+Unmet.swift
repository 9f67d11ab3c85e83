import FledgeDocument

extension GateResult {
    /// Something that a gate asked for and that was not shown.
    package struct Unmet: Hashable, Sendable {
        package var title: String
        package var verdict: Verdict
        /// Whether better answers would help.
        package var isQuality: Bool
    }

    /// Which look at these examples it was, in all cycles together where that is known.
    package var spentLook: Int { ledgerLook ?? look }

    /// Everything that did not pass: criteria, comparisons, slices.
    package var unmet: [Unmet] { unmetCriteria + unmetBeside }

    private var unmetCriteria: [Unmet] {
        criteria.filter { $0.verdict != .passed }.map {
            Unmet(
                title: $0.criterion.metric.title, verdict: $0.verdict,
                isQuality: $0.criterion.metric.metric.concernsAnswers)
        }
    }

    /// Comparisons that did not pass, and slices that are vetoes.
    package var unmetBeside: [Unmet] {
        let comparisons = (comparisons ?? []).filter { $0.verdict != .passed }.map {
            Unmet(title: $0.title, verdict: $0.verdict, isQuality: $0.comparison.kind != .cheaper)
        }
        let slices = (slices ?? []).filter { $0.finding == .vetoed }.map {
            Unmet(title: $0.title, verdict: .failed, isQuality: true)
        }
        return comparisons + slices
    }

    /// How many things the gate asked for.
    package var asked: Int {
        criteria.count + (comparisons?.count ?? 0) + (slices ?? []).count { $0.finding != .tooSmall }
    }
}

extension ComparisonResult {
    /// The comparison for people: `accuracy no worse than the champion by 0.02`.
    package var title: String {
        let margin = comparison.margin.formatted(decimals: 3)
        return switch comparison.kind {
        case .noWorse: "\(metric?.title ?? "score") less than \(margin) below the champion"
        case .better where comparison.margin == 0: "\(metric?.title ?? "score") above the champion"
        case .better: "\(metric?.title ?? "score") more than \(margin) above the champion"
        case .cheaper: "cost at least \(margin) of the champion's below it"
        }
    }
}

extension SliceResult {
    /// The slice for people: `language = de, accuracy`.
    package var title: String { "\(field) = \(value.isEmpty ? "(none)" : value), \(metric.title)" }
}

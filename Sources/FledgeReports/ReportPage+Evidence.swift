import FledgeCore
import FledgeDocument

extension ReportPage.Criterion {
    /// A comparison with the champion, as a row beside the criteria.
    init(_ result: ComparisonResult, _ clean: (String) -> String) {
        var remarks = result.detail.map { [$0] } ?? []
        if let wins = result.wins, let losses = result.losses, result.value != nil {
            remarks.append("\(wins) won, \(losses) lost")
        }
        if let pValue = result.adjustedPValue {
            remarks.append("p = \(ReportText.number(pValue, digits: 4)), \(result.method)")
        }
        if let needed = result.countNeeded { remarks.append("about \(needed) examples would settle it") }
        let interval = result.lower.flatMap { lower in
            result.upper.map { "[\(ReportText.number(lower)), \(ReportText.number($0))]" }
        }
        self.init(
            metric: clean(result.title), bar: clean("by \(ReportText.number(result.comparison.margin, digits: 3))"),
            value: clean(result.value.map { ReportText.number($0, digits: 3) } ?? "–"),
            interval: clean(interval ?? ""),
            count: String(result.count), verdict: result.verdict.rawValue,
            note: clean(remarks.joined(separator: "; ")))
    }

    /// A slice of the holdout: one that is vetoed failed, one that is too small to say is open.
    init(_ result: SliceResult, _ clean: (String) -> String) {
        let asked =
            result.bar.map { "at least \(ReportText.number($0))" }
            ?? result.championScore.map { "the champion's \(ReportText.number($0))" } ?? ""
        let interval = result.lower.flatMap { lower in
            result.upper.map { "[\(ReportText.number(lower)), \(ReportText.number($0))]" }
        }
        let (verdict, note): (Verdict, String) =
            switch result.finding {
            case .holds: (.passed, "")
            case .vetoed: (.failed, "a veto: the mean cannot outweigh it")
            case .tooSmall: (.inconclusive, "too few examples to say")
            }
        self.init(
            metric: clean(result.title), bar: clean(asked), value: clean(ReportText.number(result.score)),
            interval: clean(interval ?? ""), count: String(result.count), verdict: verdict.rawValue, note: clean(note))
    }
}

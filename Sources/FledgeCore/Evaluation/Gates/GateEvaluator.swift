import FledgeDocument

extension GateResult {
    /// The verdict that follows from its parts.
    var judgedAgain: Verdict {
        GateEvaluator.verdict(of: criteria, comparisons: comparisons ?? [], slices: slices ?? [])
    }
}

/// Puts the verdicts of all criteria together.
package enum GateEvaluator {
    /// An error anywhere is an error; one failed criterion fails the gate; otherwise one inconclusive criterion leaves it open.
    ///
    /// - Parameter slices: vetoes: one that is shown to miss fails the gate, whatever the criteria say; else they say
    ///   nothing.
    package static func verdict(
        of criteria: [CriterionResult], comparisons: [ComparisonResult] = [], slices: [SliceResult] = []
    ) -> Verdict {
        let verdicts = Set(
            criteria.map(\.verdict) + comparisons.map(\.verdict)
                + slices.filter { $0.finding == .vetoed }.map { _ in .failed })
        if criteria.isEmpty || verdicts.contains(.error) { return .error }
        if verdicts.contains(.failed) { return .failed }
        return verdicts.contains(.inconclusive) ? .inconclusive : .passed
    }
}

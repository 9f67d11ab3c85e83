import FledgeDocument

/// Puts the verdicts of all criteria together.
package enum GateJudge {
    /// An error anywhere is an error; one failed criterion fails the gate; otherwise one inconclusive criterion leaves it open.
    package static func verdict(of criteria: [CriterionResult]) -> Verdict {
        let verdicts = Set(criteria.map(\.verdict))
        if criteria.isEmpty || verdicts.contains(.error) { return .error }
        if verdicts.contains(.failed) { return .failed }
        return verdicts.contains(.inconclusive) ? .inconclusive : .passed
    }
}

import FledgeDocument

/// Judges a criterion whose metric is itself a model's judgement.
package enum JudgedCriterion {
    /// - Parameters:
    ///   - scores: the judge's scores of first answers, one an example; nil for an answer that has not been judged.
    ///   - calibration: what is known of the judge; nil where its word is taken as advice (the prototype stage).
    ///   - alpha: the error rate of each side.
    /// - Returns: as advice, the judge's own share between exact bounds. For a gate, the share corrected for the judge's
    ///   errors; inconclusive for as long as its agreement with people is not shown.
    package static func judge(
        _ criterion: CriterionDefinition, scores: [Double?], calibration: JudgeCalibration?, alpha: Double
    ) -> CriterionResult {
        var result = CriterionResult(
            criterion: criterion, verdict: .error, value: nil, lower: nil, upper: nil, count: scores.count, alpha: alpha
        )
        let judged = scores.compactMap { $0 }
        guard judged.count == scores.count, !judged.isEmpty else {
            result.detail = "\(scores.count - judged.count) of \(scores.count) answers have not been judged"
            return result
        }
        // Half a pass, where the two orders disagree, is no pass.
        let passes = judged.count { $0 == 1 }
        let raw = Double(passes) / Double(judged.count)
        guard let calibration else {
            let bounds = Bounds.clopperPearson(successes: passes, trials: judged.count, alpha: alpha)
            result.take(raw, bounds)
            result.verdict = criterion.bound.verdict(on: bounds)
            result.judged = JudgedEvidence(raw: raw, isCorrected: false, matrix: nil)
            result.detail = "advice"
            if result.verdict == .inconclusive {
                result.countNeeded = CriterionJudge.countNeeded(
                    rate: raw, bound: criterion.bound, alpha: alpha, above: judged.count)
            }
            return result
        }
        result.verdict = .inconclusive
        result.judged = JudgedEvidence(raw: raw, isCorrected: false, matrix: calibration.matrix)
        guard calibration.gap == nil,
            let corrected = CorrectedRate(passes: passes, of: judged.count, matrix: calibration.matrix, alpha: alpha)
        else {
            result.value = raw
            result.detail = calibration.advice
            return result
        }
        let bounds = Bounds(lower: corrected.lower, upper: corrected.upper)
        result.take(corrected.value, bounds)
        result.judged?.isCorrected = true
        guard corrected.fits else {
            result.detail =
                "the judge passes a share of these answers that its errors on the labelled ones do not explain: more "
                + "labels would tell (\(calibration.command))"
            return result
        }
        result.verdict = criterion.bound.verdict(on: bounds)
        return result
    }
}

extension GateResult {
    /// What stands between this candidate and a verdict, where that is nothing but judges who may not gate yet; nil
    /// otherwise. People are asked for labels only once everything else has passed.
    package var waitsForCalibration: FledgeError? {
        let open = criteria.filter { $0.verdict != .passed }
        guard unmetBeside.isEmpty, let judged = open.first,
            open.allSatisfy({ $0.verdict == .inconclusive && $0.judged?.isCorrected == false })
        else { return nil }
        return FledgeError(
            "gate.uncalibrated_judge", "\(judged.criterion.metric.title): \(judged.detail ?? "not calibrated")",
            hint: "then fledge retry", exitCode: .inconclusive)
    }
}

extension CriterionResult {
    fileprivate mutating func take(_ value: Double, _ bounds: Bounds) {
        self.value = value
        lower = bounds.lower
        upper = bounds.upper
    }
}

extension Bound {
    /// Passed when the near bound clears it, failed when the far one does not reach it.
    fileprivate func verdict(on bounds: Bounds) -> Verdict {
        switch self {
        case .atLeast(let value): bounds.lower >= value ? .passed : bounds.upper < value ? .failed : .inconclusive
        case .atMost(let value): bounds.upper <= value ? .passed : bounds.lower > value ? .failed : .inconclusive
        }
    }
}

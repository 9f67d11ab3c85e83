import FledgeDocument

/// Evaluates a criterion whose metric is what a judge, a model, says of the answers.
package enum EvaluatedCriterion {
    /// What is known of one first answer.
    package enum Answer: Hashable, Sendable {
        case scored(Double)
        /// The answer did not come, or the judge's reply could not be read.
        case missing
        /// No judge has rated it yet.
        case open

        var score: Double? { if case .scored(let score) = self { score } else { nil } }
    }

    /// - Parameters:
    ///   - answers: one an example.
    ///   - calibration: what is known of the judge; nil where its word is taken as advice (the prototype stage).
    ///   - alpha: the error rate of each side.
    /// - Returns: as advice, the judge's own share between exact bounds. For a gate, the share corrected for the judge's
    ///   errors; inconclusive for as long as its agreement with people is not shown. What is missing is bounded by what it
    ///   could be: not passed for the lower bound, passed for the upper one (Manski, "Nonparametric Bounds on Treatment
    ///   Effects", 1990), so that the verdict would be the same whatever was missing.
    package static func judge(
        _ criterion: CriterionDefinition, answers: [Answer], calibration: JudgeCalibration?, alpha: Double
    ) -> CriterionResult {
        let scores = answers.compactMap(\.score)
        var result = CriterionResult(
            criterion: criterion, verdict: .error, value: nil, lower: nil, upper: nil, count: scores.count, alpha: alpha
        )
        let open = answers.count { $0 == .open }
        guard open == 0 else {
            result.detail = "\(open) of \(answers.count) answers have not been judged"
            return result
        }
        guard !scores.isEmpty else {
            result.detail = "no answer has a verdict of the judge"
            return result
        }
        // Half a pass, where the two orders disagree, is no pass.
        let passes = scores.count { $0 == 1 }
        let missing = answers.count - scores.count
        let raw = Double(passes) / Double(scores.count)
        let note =
            missing == 0 ? nil : "\(missing) without a verdict: not passed in the lower bound, passed in the upper"
        guard let calibration else {
            func bounds(passes: Int) -> Bounds {
                .clopperPearson(successes: passes, trials: answers.count, alpha: alpha)
            }
            let known = Bounds(lower: bounds(passes: passes).lower, upper: bounds(passes: passes + missing).upper)
            result.take(raw, known)
            result.verdict = criterion.bound.verdict(on: known)
            result.judged = JudgedEvidence(raw: raw, isCorrected: false, matrix: nil)
            result.detail = words("advice", note)
            if result.verdict == .inconclusive {
                result.countNeeded = CriterionEvaluator.countNeeded(
                    rate: raw, bound: criterion.bound, alpha: alpha, above: answers.count)
            }
            return result
        }
        func corrected(_ passes: Int, of count: Int) -> CorrectedRate? {
            CorrectedRate(passes: passes, of: count, matrix: calibration.matrix, alpha: alpha)
        }
        result.verdict = .inconclusive
        result.judged = JudgedEvidence(raw: raw, isCorrected: false, matrix: calibration.matrix)
        guard calibration.gap == nil, let likely = corrected(passes, of: scores.count),
            let lowest = corrected(passes, of: answers.count),
            let highest = missing == 0 ? lowest : corrected(passes + missing, of: answers.count)
        else {
            result.value = raw
            result.detail = words(calibration.advice, note)
            return result
        }
        let bounds = Bounds(lower: lowest.lower, upper: highest.upper)
        result.take(likely.value, bounds)
        result.judged?.isCorrected = true
        guard lowest.fits, highest.fits else {
            result.detail = words(
                "the judge passes a share of these answers that its errors on the labelled ones do not explain: more "
                    + "labels would tell (\(calibration.command))", note)
            return result
        }
        result.verdict = criterion.bound.verdict(on: bounds)
        result.detail = note
        return result
    }

    private static func words(_ parts: String?...) -> String? {
        let parts = parts.compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
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
            hint: "then fledge retry")
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

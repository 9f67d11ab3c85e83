import FledgeDocument

/// What is known of a judge from answers that people labelled.
package struct JudgeCalibration: Codable, Hashable, Sendable {
    /// Whose labels they are.
    package var useCase: String
    package var judge: JudgeDefinition
    /// The judge's ratings against people's labels, on the labelled answers that it has rated.
    package var matrix: ConfusionMatrix

    package init(useCase: String, judge: JudgeDefinition, matrix: ConfusionMatrix) {
        self.useCase = useCase
        self.judge = judge
        self.matrix = matrix
    }

    /// The error rate of the claim that a judge tells good answers from bad ones.
    package static let alpha = 0.05

    /// A lower bound for sensitivity + specificity − 1.
    package var youdenLowerBound: Double { matrix.youdenLowerBound(alpha: Self.alpha) }

    package var isSufficient: Bool { gap == nil }

    /// Why the judge may not gate yet, and what would help; nil when it may.
    package var gap: Gap? {
        let ofAKind = JudgeDefinition.labelsNeededOfAKind
        let missing = judge.labelsNeeded.saturatingDifference(matrix.count)
        if missing > 0 { return .labels(missing: missing) }
        if matrix.passes < ofAKind { return .passes(missing: ofAKind - matrix.passes) }
        if matrix.fails < ofAKind { return .fails(missing: ofAKind - matrix.fails) }
        return youdenLowerBound > 0 ? nil : .noBetterThanChance
    }

    package enum Gap: Hashable, Sendable {
        case labels(missing: Int)
        case passes(missing: Int)
        case fails(missing: Int)
        case noBetterThanChance
    }

    /// Why the judge only advises, in words with the command that helps; nil when it may gate.
    package var advice: String? {
        switch gap {
        case nil: nil
        case .labels(let missing)?:
            "uncalibrated, it only advises: \(missing) more of \(judge.labelsNeeded) labels from people are needed "
                + "(\(command))"
        case .passes(let missing)?:
            "uncalibrated, it only advises: \(missing) more answers that people pass are needed (\(command))"
        case .fails(let missing)?:
            "uncalibrated, it only advises: \(missing) more answers that people fail are needed (\(command))"
        case .noBetterThanChance?:
            "it only advises: \(matrix.count) labels do not show that it tells good answers from bad ones; try another "
                + "judge or rubric, or more labels (\(command))"
        }
    }

    /// What collects more labels.
    package var command: String { "fledge label \(useCase) --metric \(judge.name)" }
}

/// What judged criteria are worth.
package enum JudgeStanding: Sendable {
    /// The judges' own shares count: where nothing is promoted.
    case advice
    /// Only calibrated judges count, by corrected shares. By the metric's name.
    case calibrated([String: JudgeCalibration])
}

/// How a judged criterion came to its value.
package struct JudgedEvidence: Codable, Hashable, Sendable {
    /// The judge's own share, uncorrected.
    package var raw: Double
    package var isCorrected: Bool
    package var matrix: ConfusionMatrix?

    package init(raw: Double, isCorrected: Bool, matrix: ConfusionMatrix?) {
        self.raw = raw
        self.isCorrected = isCorrected
        self.matrix = matrix
    }
}

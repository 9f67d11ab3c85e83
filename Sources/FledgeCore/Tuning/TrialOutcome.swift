/// What came of a trial.
package struct TrialOutcome: Codable, Hashable, Sendable {
    package var trial: Int
    package var setting: TrialSetting
    /// The last rung that it was scored on, from 0.
    package var rung: Int
    /// The primary metric's mean over the answers; nil when it failed, or was never scored.
    package var score: Double?
    package var answers: Int
    /// What the runs behind the score took.
    package var seconds: Double

    /// By score, then by time, then by number.
    func isBetter(than other: TrialOutcome) -> Bool {
        let (left, right) = (score ?? -.infinity, other.score ?? -.infinity)
        // Sums of ratios differ in the last bits though the counts behind them are equal.
        if abs(left - right) > 1e-9 || left.isInfinite || right.isInfinite, left != right { return left > right }
        return (seconds, trial) < (other.seconds, other.trial)
    }
}

/// How far a judge can be trusted.
package struct JudgeStatus: Codable, Hashable, Sendable {
    package var calibration: JudgeCalibration
    /// Why it only advises, with the command that helps; nil when it may gate.
    package var advice: String?
    /// Answers with a label.
    package var labels: Int
    /// Of those, answers that this judge has not seen yet; the next gate shows them to it.
    package var unjudged: Int
    /// What could not be read of its replies; nil where all could, and from a daemon of an earlier version.
    package var unread: String?
    /// Bounds of 95% on either side.
    package var sensitivity: Bounds
    package var specificity: Bounds

    package init(calibration: JudgeCalibration, labels: Int, unjudged: Int, unread: String? = nil) {
        self.calibration = calibration
        advice = calibration.advice
        self.labels = labels
        self.unjudged = unjudged
        self.unread = unread
        // Each end of a 95% interval is wrong in 2.5%.
        sensitivity = calibration.matrix.sensitivityBounds(alpha: 0.025)
        specificity = calibration.matrix.specificityBounds(alpha: 0.025)
    }
}

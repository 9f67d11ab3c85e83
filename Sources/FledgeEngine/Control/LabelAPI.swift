import FledgeCore
import FledgeDocument

/// Answers that a person is asked to label, without what the judge says of them.
package struct LabelSheet: Codable, Hashable, Sendable {
    package struct Entry: Codable, Hashable, Sendable {
        package var id: Digest
        package var item: JudgedItem

        package init(id: Digest, item: JudgedItem) {
            self.id = id
            self.item = item
        }
    }

    package var useCase: String
    package var judge: JudgeDefinition
    package var entries: [Entry]
    /// Answers that this person has labelled already.
    package var labelled: Int

    package init(useCase: String, judge: JudgeDefinition, entries: [Entry], labelled: Int) {
        self.useCase = useCase
        self.judge = judge
        self.entries = entries
        self.labelled = labelled
    }
}

/// Labels that a person gives.
package struct LabelRequest: Codable, Hashable, Sendable {
    package struct Entry: Codable, Hashable, Sendable {
        package var id: Digest
        package var verdict: PersonAnswer

        package init(id: Digest, verdict: PersonAnswer) {
            self.id = id
            self.verdict = verdict
        }
    }

    /// The judge's name; nil where the definition has one only.
    package var metric: String?
    package var entries: [Entry]
    package var actor: String

    package init(metric: String?, entries: [Entry], actor: String) {
        self.metric = metric
        self.entries = entries
        self.actor = actor
    }
}

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

/// Labels from people, and what they say of judges.
package protocol LabelAPI: Sendable {
    /// Answers for a person to label, in an order that says nothing of them.
    ///
    /// - Parameters:
    ///   - metric: the judge's name; nil where the definition has one only.
    ///   - count: at most so many; answers that this person has labelled are left out.
    func labelSheet(name: String, metric: String?, count: Int, actor: String) async throws -> LabelSheet
    /// Stores labels, all or none. - Returns: what the labels say of the judge then.
    func label(name: String, _ request: LabelRequest) async throws -> JudgeStatus
    /// Every judge of the latest definition.
    func judges(name: String) async throws -> [JudgeStatus]
}

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

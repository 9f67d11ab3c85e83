import FledgeDocument

/// One answer with what it answers: what a judge, or a person, is shown.
package struct JudgedItem: Codable, Hashable, Sendable {
    package var inputs: [String: String]
    package var answer: String
    /// The expected answer.
    package var expected: String

    package init(inputs: [String: String], answer: String, expected: String) {
        self.inputs = inputs
        self.answer = answer
        self.expected = expected
    }

    /// The content hash: the same answer to the same question is judged, and labelled, once.
    package var id: Digest { Digest(of: CanonicalJSON.text(of: self)) }
}

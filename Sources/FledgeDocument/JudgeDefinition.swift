/// A model that says whether answers pass, and what it is told to go by.
public struct JudgeDefinition: Codable, Hashable, Sendable {
    /// What passing means, in a word: `helpful`.
    public var name: String
    /// The judging model's name in the `Models` block.
    public var model: String
    /// What an answer must do to pass.
    public var rubric: String
    /// What the answer is compared with; judged by itself when absent.
    public var reference: JudgeReference?
    /// Answers labelled by people before the judge may gate; 50 when absent.
    public var labels: Int?

    public init(
        name: String, model: String, rubric: String, reference: JudgeReference? = nil, labels: Int? = nil
    ) {
        self.name = name
        self.model = model
        self.rubric = rubric
        self.reference = reference
        self.labels = labels
    }
}

/// What a judge compares an answer with.
public enum JudgeReference: String, Codable, Hashable, Sendable, CaseIterable {
    /// The example's expected answer: the answer passes when it is found at least as good, whichever is shown first.
    case expected
}

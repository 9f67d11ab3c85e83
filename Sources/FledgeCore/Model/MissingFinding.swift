/// A candidate of an experiment some of whose questions went without an answer.
package struct MissingFinding: Codable, Hashable, Sendable {
    package var purpose: ExperimentPurpose
    /// The prompt round, the look at the holdout, or the training attempt; from 1.
    package var round: Int
    package var id: CandidateID
    /// Its name.
    package var candidate: String
    package var answers: MissingTally

    package init(
        purpose: ExperimentPurpose, round: Int, id: CandidateID, candidate: String, answers: MissingTally
    ) {
        self.id = id
        self.purpose = purpose
        self.round = round
        self.candidate = candidate
        self.answers = answers
    }

    /// `plain, prompt round 1: 4 of 40 answers are missing: 4 were cut off at maxTokens [cut-off] (raise maxTokens …)`.
    package var sentence: String {
        let place =
            switch purpose {
            case .search: "prompt round \(round)"
            case .gate: "look \(round) at the holdout"
            case .adapter: "prompts on adapter \(round)"
            case .teacher: "the teacher's answers"
            }
        return "\(candidate), \(place): \(answers.sentence)" + (answers.advice.map { " (\($0))" } ?? "")
    }
}

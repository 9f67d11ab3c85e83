import FledgeCore

/// One call that an experiment asks for.
package struct PlannedCall: Sendable {
    package var candidate: Candidate
    package var candidateID: CandidateID
    package var example: Example
    package var `repeat`: Int

    package init(candidate: Candidate, candidateID: CandidateID, example: Example, repeat: Int) {
        self.candidate = candidate
        self.candidateID = candidateID
        self.example = example
        self.repeat = `repeat`
    }
}

extension CompletionRequest {
    /// What a candidate is asked about an example.
    init(asking candidate: Candidate, about example: Example) {
        self.init(
            model: candidate.model, adapter: candidate.adapter, messages: candidate.messages(for: example.inputs),
            decoding: candidate.decoding, choices: candidate.choices)
    }
}

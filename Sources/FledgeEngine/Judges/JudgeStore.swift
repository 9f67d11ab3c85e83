import FledgeCore
import FledgeDocument

/// A sample that a judge has not seen.
package struct UnjudgedSample: Hashable, Sendable {
    package var candidate: CandidateID
    package var item: JudgedItem
    package var example: ExampleID

    package init(candidate: CandidateID, example: ExampleID, item: JudgedItem) {
        self.candidate = candidate
        self.example = example
        self.item = item
    }
}

/// A judge's rating of an answer with what it cost, on its way into the database.
package struct JudgedAnswer: Hashable, Sendable {
    package var item: Digest
    package var verdict: JudgeRating
    /// By order.
    package var replies: [String: JudgeReply]
    /// Calls, tokens and cost that were paid.
    package var calls: Int
    package var promptTokens: Int
    package var completionTokens: Int
    package var costMicroDollars: Int64
    /// What the calls cost of the money that was set aside for them.
    package var charges: [PurseState.Charge] = []

    package init(
        item: Digest, verdict: JudgeRating, replies: [String: JudgeReply] = [:], calls: Int = 0, promptTokens: Int = 0,
        completionTokens: Int = 0, costMicroDollars: Int64 = 0
    ) {
        self.item = item
        self.verdict = verdict
        self.replies = replies
        self.calls = calls
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.costMicroDollars = costMicroDollars
    }
}

/// A score of a judged metric, for a sample's first answer.
package struct JudgedScore: Hashable, Sendable {
    package var candidate: CandidateID
    package var example: ExampleID
    /// Nil where the judge's reply could not be read.
    package var score: Double?

    package init(candidate: CandidateID, example: ExampleID, score: Double?) {
        self.candidate = candidate
        self.example = example
        self.score = score
    }
}

/// Judges' ratings, and people's labels.
package protocol JudgeStore: Store {
    /// Keeps what was paid for replies that nothing could be made of. Not to be repeated: what is kept twice counts twice.
    func recordLost(_ paid: SpendAmount, cycle: CycleID, because cause: String) async throws
    /// First answers of an experiment that have no score of the metric yet, and were not judged in vain.
    func unjudged(in experiment: ExperimentID, metric: String) async throws -> [UnjudgedSample]
    /// Every first answer of the cycle's search, by candidate and example.
    func searchAnswers(of cycle: CycleID) async throws -> [JudgedItem]
    /// The ratings that are stored already, by the item's hash, without those whose reply could not be read.
    func verdicts(of judge: Digest, on items: [Digest]) async throws -> [Digest: JudgeRating]
    /// How many answers of a cycle each judge was asked about, and of how many its reply could not be read.
    func readings(of cycle: CycleID) async throws -> [JudgeReadings]
    /// Stores a rating, once, with the answers that it rests on for the response cache, in one transaction.
    func write(_ answer: JudgedAnswer, of judge: Digest, metric: String, cycle: CycleID, answers: [Digest: Completion])
        async throws
    /// Adds scores to the samples that have none of this metric yet, and, where the metric ranks candidates, to their totals.
    /// A sample whose judge could not be read is marked as judged in vain, until `forgetUnanswered`.
    func write(_ scores: [JudgedScore], metric: String, isPrimary: Bool, experiment: ExperimentID) async throws
    /// Stores labels; a person's later label of the same answer replaces their earlier one.
    func write(_ labels: [PersonLabel], useCase: UseCaseID, question: Digest) async throws
    func labels(of useCase: UseCaseID, question: Digest) async throws -> [PersonLabel]
}

extension JudgedAnswer {
    /// What its calls were paid.
    var paid: SpendAmount {
        SpendAmount(
            calls: Int64(calls), tokens: Int64(clamping: promptTokens.saturatingSum(completionTokens)),
            costMicroDollars: costMicroDollars)
    }
}

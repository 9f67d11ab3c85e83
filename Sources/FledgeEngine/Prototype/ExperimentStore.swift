import FledgeCore
import FledgeDocument
import Foundation

/// An experiment: candidates scored on examples.
package struct Experiment: Codable, Hashable, Sendable {
    package var id: ExperimentID
    package var cycle: CycleID
    package var purpose: ExperimentPurpose
    /// The prompt round for a search, the look for a gate; from 1.
    package var round: Int
    package var candidates: [Candidate]
    package var isFinished: Bool

    package init(
        id: ExperimentID, cycle: CycleID, purpose: ExperimentPurpose, round: Int, candidates: [Candidate],
        isFinished: Bool
    ) {
        self.id = id
        self.cycle = cycle
        self.purpose = purpose
        self.round = round
        self.candidates = candidates
        self.isFinished = isFinished
    }
}

/// Samples with the answers that they were scored on, on their way into the database.
package struct SampleBatch: Sendable {
    package var experiment: ExperimentID
    package var samples: [Sample]
    /// New answers for the response cache, by the request's hash.
    package var answers: [Digest: Completion]
    /// What the calls cost of the money that was set aside for them.
    package var charges: [PurseState.Charge]

    package init(
        experiment: ExperimentID, samples: [Sample], answers: [Digest: Completion],
        charges: [PurseState.Charge] = []
    ) {
        self.experiment = experiment
        self.samples = samples
        self.answers = answers
        self.charges = charges
    }
}

/// What a cycle has used so far.
package struct CycleSpend: Codable, Hashable, Sendable {
    package var calls: Int
    package var tokens: Int
    package var costMicroDollars: Int64

    package init(calls: Int, tokens: Int, costMicroDollars: Int64) {
        self.calls = calls
        self.tokens = tokens
        self.costMicroDollars = costMicroDollars
    }
}

/// Candidates, experiments, samples and the response cache.
package protocol ExperimentStore: Store {
    /// The experiment of that purpose and round; made with these candidates when there is none yet. `plannedCalls` is what
    /// progress is measured against.
    func openExperiment(
        cycle: CycleID, purpose: ExperimentPurpose, round: Int, candidates: [Candidate],
        origins: [CandidateID: CandidateOrigin], plannedCalls: Int
    ) async throws -> Experiment
    /// Nil where none was opened.
    func experiment(cycle: CycleID, purpose: ExperimentPurpose, round: Int) async throws -> Experiment?
    /// Search experiments of a cycle, in round order.
    func searches(of cycle: CycleID) async throws -> [Experiment]
    /// - Throws: `candidate.unknown`.
    func candidate(_ id: CandidateID) async throws -> Candidate
    /// Makes a candidate known that is in no experiment yet; a known one is left as it is.
    func register(_ candidate: Candidate) async throws
    /// In the order of the candidates, examples and repeats; there may be a million.
    func samples(of experiment: ExperimentID) async throws -> [Sample]
    /// Takes away the samples of an experiment that hold no answer, so that their questions are asked again, and the marks of
    /// answers whose judge could not be read, so that it is. What they cost stays paid.
    func forgetUnanswered(in experiment: ExperimentID) async throws
    /// Answers that are in the response cache, by the request's hash.
    func cachedAnswers(for requests: [Digest]) async throws -> [Digest: Completion]
    /// Writes samples and new answers in one transaction; samples that are there already are left as they are.
    func write(_ batch: SampleBatch) async throws
    func finishExperiment(_ id: ExperimentID) async throws
    /// What was paid for the cycle's calls, of samples, searches, judges and those that were lost.
    func spend(of cycle: CycleID) async throws -> CycleSpend
}

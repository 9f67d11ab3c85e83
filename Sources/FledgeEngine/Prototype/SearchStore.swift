import FledgeCore
import FledgeDocument

/// A call of a search that scores no candidate.
package struct SearchCall: Sendable {
    package enum Purpose: String, Sendable { case reflect, merge, bootstrap }

    package var cycle: CycleID
    package var round: Int
    package var purpose: Purpose
    package var model: String
    /// The request's hash, under which the answer stands in the response cache.
    package var request: Digest
    package var completion: Completion
    /// As the server counted them, or the most that the call can have used.
    package var promptTokens: Int
    package var completionTokens: Int
    package var costMicroDollars: Int64
    /// What the call cost of the money that was set aside for it.
    package var charges: [PurseState.Charge] = []

    package init(
        cycle: CycleID, round: Int, purpose: Purpose, model: String, request: Digest, completion: Completion,
        promptTokens: Int, completionTokens: Int, costMicroDollars: Int64
    ) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.cycle = cycle
        self.round = round
        self.purpose = purpose
        self.model = model
        self.request = request
        self.completion = completion
        self.costMicroDollars = costMicroDollars
    }
}

/// What a search keeps besides experiments and samples.
package protocol SearchStore: Store {
    /// Writes the call's answer into the response cache and its use into the cycle's spend, in one transaction; a call that
    /// is there already is left as it is.
    func record(_ call: SearchCall) async throws
    func recordFinding(_ finding: SearchFinding, experiment: ExperimentID) async throws
    /// What the rounds of a cycle found out, by round.
    func findings(of cycle: CycleID) async throws -> [Int: SearchFinding]
}

extension ExperimentStore {
    /// Opens an experiment whose candidates have no recorded origin: they were not derived from other candidates.
    package func openExperiment(
        cycle: CycleID, purpose: ExperimentPurpose, round: Int, candidates: [Candidate], plannedCalls: Int
    ) async throws -> Experiment {
        try await openExperiment(
            cycle: cycle, purpose: purpose, round: round, candidates: candidates, origins: [:],
            plannedCalls: plannedCalls)
    }
}

import FledgeCore
import FledgeDocument
import Foundation

/// A training job as the engine keeps it.
package struct TrainingJob: Codable, Hashable, Sendable {
    package var id: TrainingJobID
    package var cycle: CycleID
    package var attempt: Int
    package var intent: String
    package var executor: String
    package var externalID: String?
    package var state: TrainingJobState
    package var offset: Int64
    /// Whether a submission may have reached the executor.
    package var wasSent: Bool
    /// What it failed with.
    package var errorCode: String?

    package init(
        id: TrainingJobID, cycle: CycleID, attempt: Int, intent: String, executor: String, externalID: String?,
        state: TrainingJobState, offset: Int64, wasSent: Bool = false, errorCode: String? = nil
    ) {
        self.errorCode = errorCode
        self.id = id
        self.cycle = cycle
        self.attempt = attempt
        self.intent = intent
        self.executor = executor
        self.externalID = externalID
        self.state = state
        self.offset = offset
        self.wasSent = wasSent
    }
}

/// Training jobs, their curves, and adapters.
package protocol TrainingStore: Store {
    /// The job of that cycle and attempt; made, as an intent, when there is none yet.
    func openJob(cycle: CycleID, attempt: Int, intent: String, executor: String) async throws -> TrainingJob
    /// The jobs of earlier attempts than that one which have not ended.
    func openJobs(of cycle: CycleID, purpose: TrainingPurpose, before attempt: Int) async throws -> [TrainingJob]
    func recordSubmission(_ job: TrainingJobID, externalID: String) async throws
    /// Adds points and log lines and moves the offset, in one transaction. An update from before the offset, by a worker that
    /// has lost the job, adds nothing.
    ///
    /// - Throws: `job.unknown`.
    func record(_ update: TrainingUpdate, job: TrainingJobID) async throws
    func finishJob(_ job: TrainingJobID, state: TrainingJobState, adapter: AdapterDigest?, error: FledgeError?)
        async throws
    /// Makes a job that failed its golden check one that runs, to be compared again; any other is left as it is.
    func reopenJob(_ job: TrainingJobID) async throws
    /// Makes an adapter known; of a known one, the latest golden check counts.
    func storeAdapter(_ facts: AdapterFacts, job: TrainingJobID, base: Digest, golden: GoldenCheck) async throws
    /// The latest golden check of the adapter that a job made; nil before there is one.
    func golden(of job: TrainingJobID) async throws -> GoldenCheck?
    /// Says what a job is at. - Parameter phase: nil when it has ended.
    func setPhase(_ phase: TrainingPhase?, of job: TrainingJobID) async throws
    /// The running job of a cycle.
    func runningJob(of cycle: CycleID) async throws -> TrainingJob?
    func points(of job: TrainingJobID) async throws -> [TrainingPoint]
    func log(of job: TrainingJobID) async throws -> [String]
}

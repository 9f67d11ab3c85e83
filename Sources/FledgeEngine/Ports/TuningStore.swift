import FledgeCore

/// Which trial of a cycle a training job is.
package struct TrialPlace: Hashable, Sendable {
    package var cycle: CycleID
    /// The attempt at training, or the look before the decision that asked for a pilot.
    package var attempt: Int
    package var purpose: TrainingPurpose
    /// From 1, in the order in which they are run.
    package var number: Int

    package init(cycle: CycleID, attempt: Int, purpose: TrainingPurpose, number: Int) {
        self.cycle = cycle
        self.attempt = attempt
        self.purpose = purpose
        self.number = number
    }
}

/// Trials of sweeps, pilots, and what came of them.
package protocol TuningStore: Sendable {
    /// The job of that trial; made, as an intent, when there is none yet.
    func openTrial(_ run: TrialRun, at place: TrialPlace, intent: String, executor: String) async throws -> TrainingJob
    /// Ends a trial with its score; one that has ended already stays as it is.
    func finishTrial(_ job: TrainingJobID, score: Double, answers: Int, seconds: Double) async throws
    /// The runs that have ended, in the order in which they did: the scored ones of every attempt, and the failed and
    /// cancelled ones of this attempt.
    func trialResults(of cycle: CycleID, purpose: TrainingPurpose, attempt: Int) async throws -> [TrialResult]
    /// The job that a scored run had.
    func trialJob(of run: TrialRun, cycle: CycleID) async throws -> TrainingJob?
    /// Notes that a trial's adapter is the one that its cycle goes on with.
    func keepAdapter(_ adapter: AdapterDigest, of trial: TrainingJobID) async throws
    /// Stores what a sweep found; the same cycle and attempt again changes nothing.
    func storeSweep(_ record: SweepRecord, cycle: CycleID, attempt: Int) async throws
    func sweeps(of cycle: CycleID) async throws -> [SweepRecord]
    /// What the cycle's pilots reached that were run before the decision on a look or an earlier one, by size: the mean
    /// over their seeds.
    func learningCurve(of cycle: CycleID, upTo look: Int) async throws -> [LearningCurvePoint]
}

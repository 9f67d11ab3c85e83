import FledgeCore

/// Which trial of a cycle a training job is.
package struct TrialPlace: Hashable, Sendable {
    package var cycle: CycleID
    /// The attempt at training, or the look before the decision that asked for a pilot.
    package var attempt: Int
    package var purpose: TrainingPurpose
    /// From 1, in the order in which they are begun.
    package var number: Int

    package init(cycle: CycleID, attempt: Int, purpose: TrainingPurpose, number: Int) {
        self.cycle = cycle
        self.attempt = attempt
        self.purpose = purpose
        self.number = number
    }
}

/// A trial that was begun: its run, and the job that is to do it.
package struct OpenTrial: Hashable, Sendable {
    /// Its place's number.
    package var number: Int
    package var run: TrialRun
    package var job: TrainingJob

    package init(number: Int, run: TrialRun, job: TrainingJob) {
        self.number = number
        self.run = run
        self.job = job
    }
}

/// Trials of sweeps, pilots, and what came of them.
package protocol TuningStore: Store {
    /// The trial at that place; made, with an intent as its job, when there is none yet. One that is there keeps the run that
    /// it was made with.
    func openTrial(_ run: TrialRun, at place: TrialPlace, intent: String, executor: String) async throws -> OpenTrial
    /// The trials of that attempt that have not ended, the first begun first: whoever goes on with them finds each under its
    /// number, with its run.
    func openTrials(of cycle: CycleID, purpose: TrainingPurpose, attempt: Int) async throws -> [OpenTrial]
    /// The highest number of that attempt's trials, ended or not; 0 before the first.
    func trialsBegun(of cycle: CycleID, purpose: TrainingPurpose, attempt: Int) async throws -> Int
    /// Whether a daemon was seen within the last minute that takes a sweep or a pilot for one trial at a time: it would go on
    /// wrongly with several.
    func hasDaemonOfOneTrial() async throws -> Bool
    /// Ends a trial with its score; one that has ended already stays as it is.
    func finishTrial(_ job: TrainingJobID, score: Double, answers: Int, seconds: Double) async throws
    /// The runs that have ended, in the order in which they were begun: the scored ones of every attempt, and the failed
    /// and cancelled ones of this attempt. What was under way when a person cancelled the use case's work is not among them:
    /// it is done anew.
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

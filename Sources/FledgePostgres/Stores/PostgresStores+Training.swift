import FledgeCore
import FledgeEngine

extension PostgresStores: TrainingStore {
    package func openJob(cycle: CycleID, attempt: Int, intent: String, executor: String) async throws -> TrainingJob {
        try await training.openJob(cycle: cycle, attempt: attempt, intent: intent, executor: executor)
    }

    package func openJobs(
        of cycle: CycleID, purpose: TrainingPurpose, before attempt: Int
    ) async throws -> [TrainingJob] {
        try await training.openJobs(of: cycle, purpose: purpose, before: attempt)
    }

    package func recordSubmission(_ job: TrainingJobID, externalID: String) async throws {
        try await training.recordSubmission(job, externalID: externalID)
    }

    package func record(_ update: TrainingUpdate, job: TrainingJobID) async throws {
        try await training.record(update, job: job)
    }

    package func finishJob(
        _ job: TrainingJobID, state: TrainingJobState, adapter: AdapterDigest?, error: FledgeError?
    ) async throws {
        try await training.finishJob(job, state: state, adapter: adapter, error: error)
    }

    package func reopenJob(_ job: TrainingJobID) async throws { try await training.reopenJob(job) }

    package func storeAdapter(
        _ facts: AdapterFacts, job: TrainingJobID, base: Digest, golden: GoldenCheck
    ) async throws {
        try await training.storeAdapter(facts, job: job, base: base, golden: golden)
    }

    package func golden(of job: TrainingJobID) async throws -> GoldenCheck? { try await training.golden(of: job) }

    package func setPhase(_ phase: TrainingPhase?, of job: TrainingJobID) async throws {
        try await training.setPhase(phase, of: job)
    }

    package func runningJob(of cycle: CycleID) async throws -> TrainingJob? { try await training.runningJob(of: cycle) }

    package func points(of job: TrainingJobID) async throws -> [TrainingPoint] { try await training.points(of: job) }

    package func log(of job: TrainingJobID) async throws -> [String] { try await training.log(of: job) }
}

extension PostgresStores: TuningStore {
    package func openTrial(
        _ run: TrialRun, at place: TrialPlace, intent: String, executor: String
    ) async throws -> OpenTrial {
        try await tuning.openTrial(run, at: place, intent: intent, executor: executor)
    }

    package func openTrials(of cycle: CycleID, purpose: TrainingPurpose, attempt: Int) async throws -> [OpenTrial] {
        try await tuning.openTrials(of: cycle, purpose: purpose, attempt: attempt)
    }

    package func trialsBegun(of cycle: CycleID, purpose: TrainingPurpose, attempt: Int) async throws -> Int {
        try await tuning.trialsBegun(of: cycle, purpose: purpose, attempt: attempt)
    }

    package func hasDaemonOfOneTrial() async throws -> Bool { try await tuning.hasDaemonOfOneTrial() }

    package func finishTrial(_ job: TrainingJobID, score: Double, answers: Int, seconds: Double) async throws {
        try await tuning.finishTrial(job, score: score, answers: answers, seconds: seconds)
    }

    package func trialResults(of cycle: CycleID, purpose: TrainingPurpose, attempt: Int) async throws -> [TrialResult] {
        try await tuning.trialResults(of: cycle, purpose: purpose, attempt: attempt)
    }

    package func trialJob(of run: TrialRun, cycle: CycleID) async throws -> TrainingJob? {
        try await tuning.trialJob(of: run, cycle: cycle)
    }

    package func keepAdapter(_ adapter: AdapterDigest, of trial: TrainingJobID) async throws {
        try await tuning.keepAdapter(adapter, of: trial)
    }

    package func storeSweep(_ record: SweepRecord, cycle: CycleID, attempt: Int) async throws {
        try await tuning.storeSweep(record, cycle: cycle, attempt: attempt)
    }

    package func sweeps(of cycle: CycleID) async throws -> [SweepRecord] { try await tuning.sweeps(of: cycle) }

    package func learningCurve(of cycle: CycleID, upTo look: Int) async throws -> [LearningCurvePoint] {
        try await tuning.learningCurve(of: cycle, upTo: look)
    }
}

extension PostgresStores: JobSettling {
    package func markSent(_ job: TrainingJobID) async throws { try await intents.markSent(job) }

    package func markUnknown(_ job: TrainingJobID) async throws { try await intents.markUnknown(job) }

    package func settle(_ job: TrainingJobID, as settlement: JobSettlement, actor: String) async throws -> CycleID {
        try await intents.settle(job, as: settlement, actor: actor)
    }
}

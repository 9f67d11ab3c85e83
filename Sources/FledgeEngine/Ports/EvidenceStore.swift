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
    package var settlements: [PurseState.Settlement]

    package init(
        experiment: ExperimentID, samples: [Sample], answers: [Digest: Completion],
        settlements: [PurseState.Settlement] = []
    ) {
        self.experiment = experiment
        self.samples = samples
        self.answers = answers
        self.settlements = settlements
    }
}

/// What a cycle has used so far.
package struct Spend: Codable, Hashable, Sendable {
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
package protocol ExperimentStore: Sendable {
    /// The experiment of that purpose and round; made with these candidates when there is none yet. `plannedCalls` is what
    /// progress is measured against.
    func openExperiment(
        cycle: CycleID, purpose: ExperimentPurpose, round: Int, candidates: [Candidate],
        origins: [CandidateID: CandidateOrigin], plannedCalls: Int
    ) async throws -> Experiment
    func experiment(cycle: CycleID, purpose: ExperimentPurpose, round: Int) async throws -> Experiment?
    /// Search experiments of a cycle, in round order.
    func searches(of cycle: CycleID) async throws -> [Experiment]
    func candidate(_ id: CandidateID) async throws -> Candidate
    /// Makes a candidate known that is in no experiment yet; a known one is left as it is.
    func register(_ candidate: Candidate) async throws
    func samples(of experiment: ExperimentID) async throws -> [Sample]
    /// Takes away the samples of an experiment that hold no answer, so that their questions are asked again, and the marks of
    /// answers whose judge could not be read, so that it is. What they cost stays paid.
    func forgetUnanswered(in experiment: ExperimentID) async throws
    /// Answers that are in the response cache, by the request's hash.
    func cachedAnswers(for requests: [Digest]) async throws -> [Digest: Completion]
    /// Writes samples and new answers in one transaction; samples that are there already are left as they are.
    func write(_ batch: SampleBatch) async throws
    func finishExperiment(_ id: ExperimentID) async throws
    func spend(of cycle: CycleID) async throws -> Spend
}

/// Gates, holdout looks and decisions.
package protocol DecisionStore: Sendable {
    /// Stores the gate's result with its look at the holdout; the same cycle and look again replaces nothing.
    func storeGate(_ result: GateResult, cycle: CycleID, experiment: ExperimentID) async throws
    func gates(of cycle: CycleID) async throws -> [GateResult]
    func storeDecision(_ decision: Decision, cycle: CycleID, look: Int) async throws
    /// With their numbers.
    func decisions(of cycle: CycleID) async throws -> [Decision]
    /// The decision of that number among those of its use case.
    func decision(_ number: Int, of useCase: UseCaseID) async throws -> Decision?
}

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
package protocol TrainingStore: Sendable {
    /// The job of that cycle and attempt; made, as an intent, when there is none yet.
    func openJob(cycle: CycleID, attempt: Int, intent: String, executor: String) async throws -> TrainingJob
    /// The jobs of earlier attempts than that one which have not ended.
    func openJobs(of cycle: CycleID, purpose: TrainingPurpose, before attempt: Int) async throws -> [TrainingJob]
    func recordSubmission(_ job: TrainingJobID, externalID: String) async throws
    /// Adds points and log lines and moves the offset, in one transaction.
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

/// Releases and the pointers to them.
package protocol ReleaseStore: Sendable {
    /// Makes the next release and moves `champion` to it; the same cycle and candidate again gives the release that is there.
    func makeRelease(_ bundle: ReleaseBundle, cycle: CycleID) async throws -> Release
    func releases(of useCase: UseCaseID) async throws -> [Release]
    /// Moves `champion` to a release that exists. - Throws: `release.unknown`.
    func moveChampion(of useCase: UseCaseID, to number: Int, actor: String, reason: String) async throws -> Release
    /// Adapters that champions and open cycles use, those that came into use last first.
    func adaptersLastUsed(_ limit: Int, of base: Digest?) async throws -> [AdapterDigest]
}

/// A report schedule that is due.
package struct DueSchedule: Codable, Hashable, Sendable {
    package var id: ScheduleID
    package var useCase: String
    package var definition: ReportScheduleDefinition
    package var nextSlot: Date

    package init(id: ScheduleID, useCase: String, definition: ReportScheduleDefinition, nextSlot: Date) {
        self.id = id
        self.useCase = useCase
        self.definition = definition
        self.nextSlot = nextSlot
    }
}

/// A written report.
package struct ReportView: Codable, Hashable, Sendable {
    package var id: ReportID
    package var useCase: String?
    package var slot: Date?
    package var createdAt: Date
    /// File paths by format.
    package var files: [String: String]

    package init(id: ReportID, useCase: String?, slot: Date?, createdAt: Date, files: [String: String]) {
        self.id = id
        self.useCase = useCase
        self.slot = slot
        self.createdAt = createdAt
        self.files = files
    }
}

/// Schedules and reports.
package protocol ReportStore: Sendable {
    /// The database's time: the same for every daemon, whatever its own clock says.
    func clock() async throws -> Date
    /// Schedules without a next slot yet, or whose slot is at or before `now`.
    func dueSchedules(now: Date) async throws -> [DueSchedule]
    /// Active schedules whose next slot has not been set.
    func unplannedSchedules() async throws -> [DueSchedule]
    /// Sets the first slot of a new schedule.
    func plan(_ schedule: ScheduleID, nextSlot: Date) async throws
    /// Records that a slot fired (UNIQUE: a second time changes nothing and returns false), advances the schedule from the
    /// slot that the caller has seen (false when it stands elsewhere by now) and enqueues the report, in one transaction.
    func fire(_ schedule: DueSchedule, slot: Date, nextSlot: Date, request: ReportRequest) async throws -> Bool
    /// Everything that a report tells about the use cases, from the database, as of now.
    func reportContent(useCase: String?, from: Date?, to: Date) async throws -> PromotionReport
    func storeReport(_ report: PromotionReport, request: ReportRequest, files: [String: String]) async throws
        -> ReportView
    func reports(useCase: String?) async throws -> [ReportView]
}

/// What the control API shows.
package protocol StatusStore: Sendable {
    func statuses(useCase: String?) async throws -> [UseCaseStatus]
    /// In the order of their names, those behind `name`, or from the first.
    func statuses(after name: String?, limit: Int) async throws -> [UseCaseStatus]
    func experiments(useCase: UseCaseID) async throws -> [CandidateScore]
    func jobs(useCase: String?) async throws -> [TrainingJobView]
    /// The candidates of a cycle some of whose questions went without an answer, in the order of the experiments.
    func missingAnswers(of cycle: CycleID) async throws -> [MissingFinding]
}

/// All stores: what the engine asks of a database.
package typealias Stores = CycleStore & WorkQueue & ExperimentStore & SearchStore & DecisionStore & TrainingStore
    & TuningStore
    & ReleaseStore
    & ReportStore & StatusStore & HoldoutStore & JudgeStore & SpendStore & AllotmentStore & JobSettling
    & AccessStore
    & AuditStore

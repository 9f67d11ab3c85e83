import FledgeDocument
import Foundation

// What the control API, the command line and the reports show of a use case: plain values, read from the database.

/// One line of `fledge status`: what serves, and where the latest cycle, which tries something, stands.
package struct UseCaseStatus: Codable, Hashable, Sendable {
    package var name: String
    package var owner: String?
    /// The revision that the latest cycle is pinned to.
    package var revision: Int
    package var cycle: Int
    /// The latest cycle's.
    package var state: CycleState
    package var since: Date
    /// The champion's release number, where there is one.
    package var release: Int?
    /// Best score so far on the prototype split, with the candidate's name.
    package var bestPrototypeScore: Double?
    package var bestCandidate: String?
    package var lastGate: GateResult?
    package var progress: Progress?
    package var callsMade: Int
    package var costMicroDollars: Int64
    /// What production uses, whatever the cycle tries; nil before the first release, and once it is retired.
    package var serving: Serving?
    /// The latest applied definition; nil from a daemon that does not say.
    package var newestRevision: Int?

    /// How far the work under way has come.
    package struct Progress: Codable, Hashable, Sendable {
        package var what: String
        package var done: Int
        package var total: Int
        /// Units a second over the last while; nil before there is a figure.
        package var rate: Double?
        package var etaSeconds: Double?
        /// What the work is at, in words; nil where nothing is known but the count.
        package var phase: String?
        /// What is counted: a call, a step; nil from a daemon that does not say.
        package var unit: String?

        package init(
            what: String, done: Int, total: Int, rate: Double?, etaSeconds: Double?, phase: String? = nil,
            unit: String? = nil
        ) {
            self.phase = phase
            self.unit = unit
            self.what = what
            self.done = done
            self.total = total
            self.rate = rate
            self.etaSeconds = etaSeconds
        }
    }

    package init(
        name: String, owner: String?, revision: Int, cycle: Int, state: CycleState, since: Date, release: Int?,
        bestPrototypeScore: Double?, bestCandidate: String?, lastGate: GateResult?, progress: Progress?, callsMade: Int,
        costMicroDollars: Int64, serving: Serving? = nil, newestRevision: Int? = nil
    ) {
        self.serving = serving
        self.newestRevision = newestRevision
        self.name = name
        self.owner = owner
        self.revision = revision
        self.cycle = cycle
        self.state = state
        self.since = since
        self.release = release
        self.bestPrototypeScore = bestPrototypeScore
        self.bestCandidate = bestCandidate
        self.lastGate = lastGate
        self.progress = progress
        self.callsMade = callsMade
        self.costMicroDollars = costMicroDollars
    }
}

/// One transition of `fledge history`.
package struct HistoryEntry: Codable, Hashable, Sendable {
    package var sequence: Int
    package var cycle: Int
    package var at: Date
    package var event: String
    package var fromStage: Stage
    package var fromActivity: Activity
    package var toStage: Stage
    package var toActivity: Activity
    package var actor: String
    /// Canonical JSON of the event with what it carried.
    package var evidence: String
    package var previousHash: String
    package var hash: String

    package init(
        sequence: Int, cycle: Int, at: Date, event: String, fromStage: Stage, fromActivity: Activity, toStage: Stage,
        toActivity: Activity, actor: String, evidence: String, previousHash: String, hash: String
    ) {
        self.sequence = sequence
        self.cycle = cycle
        self.at = at
        self.event = event
        self.fromStage = fromStage
        self.fromActivity = fromActivity
        self.toStage = toStage
        self.toActivity = toActivity
        self.actor = actor
        self.evidence = evidence
        self.previousHash = previousHash
        self.hash = hash
    }
}

/// One candidate's line of `fledge experiments`.
package struct CandidateScore: Codable, Hashable, Sendable {
    package var experiment: ExperimentID
    package var cycle: Int
    package var purpose: ExperimentPurpose
    package var round: Int
    package var candidate: CandidateID
    package var name: String
    package var model: String
    package var adapter: AdapterDigest?
    package var demonstrations: Int
    /// The primary metric's mean over the examples; nil before the first sample.
    package var score: Double?
    /// Examples behind the score: repeats of an example do not count again.
    package var samples: Int
    /// Questions without an answer, repeats included; `missing` says why.
    package var errors: Int
    package var promptTokens: Int
    package var completionTokens: Int
    package var medianLatencySeconds: Double?
    package var costMicroDollars: Int64
    /// Nil where every question was answered, and from a daemon that does not say.
    package var missing: MissingTally?
    /// Calls whose usage the server did not say: the most that they can have used is counted. Nil for none.
    package var presumedCalls: Int?
    /// How the candidate came to be; nil from a daemon that does not say.
    package var lineage: CandidateLineage?
    /// What the search found out about it: dropped after so many examples, or whether anything is to be gained over it.
    package var note: String?

    package init(
        experiment: ExperimentID, cycle: Int, purpose: ExperimentPurpose, round: Int, candidate: CandidateID,
        name: String,
        model: String, adapter: AdapterDigest?, demonstrations: Int, score: Double?, samples: Int, errors: Int,
        promptTokens: Int, completionTokens: Int, medianLatencySeconds: Double?, costMicroDollars: Int64,
        lineage: CandidateLineage? = nil, note: String? = nil, missing: MissingTally? = nil,
        presumedCalls: Int? = nil
    ) {
        self.missing = missing
        self.presumedCalls = presumedCalls
        self.lineage = lineage
        self.note = note
        self.experiment = experiment
        self.cycle = cycle
        self.purpose = purpose
        self.round = round
        self.candidate = candidate
        self.name = name
        self.model = model
        self.adapter = adapter
        self.demonstrations = demonstrations
        self.score = score
        self.samples = samples
        self.errors = errors
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.medianLatencySeconds = medianLatencySeconds
        self.costMicroDollars = costMicroDollars
    }
}

/// Why an experiment was run.
package enum ExperimentPurpose: String, Codable, Sendable, CaseIterable {
    case search, gate
    /// Prompts compared on a trained adapter.
    case adapter
    /// A teacher's answers to the training examples.
    case teacher
}

/// One training job of `fledge jobs`.
package struct TrainingJobView: Codable, Hashable, Sendable {
    package var id: TrainingJobID
    package var useCase: String
    package var cycle: Int
    package var intent: String
    package var executor: String
    package var externalID: String?
    package var state: TrainingJobState
    package var steps: Int?
    package var totalSteps: Int?
    package var loss: Double?
    package var validationLoss: Double?
    package var tokensPerSecond: Double?
    package var etaSeconds: Double?
    package var adapter: AdapterDigest?
    /// Share of golden prompts on which served and trained answers agreed.
    package var goldenAgreement: Double?
    package var errorCode: String?
    package var errorMessage: String?
    package var createdAt: Date
    package var finishedAt: Date?
    package var purpose: TrainingPurpose
    /// What a trial or a pilot tries, and how its answers scored.
    package var run: TrialRun?
    package var score: Double?
    package var answers: Int?
    /// What it is at, in words; nil when it has ended, or where nobody said.
    package var phase: String?
    package var secondsPerStep: Double?
    /// Nil until the trainer has counted them, and from a daemon that does not say.
    package var longRows: LongRowCount?

    package init(
        id: TrainingJobID, useCase: String, cycle: Int, intent: String, executor: String, externalID: String?,
        state: TrainingJobState, steps: Int?, totalSteps: Int?, loss: Double?, validationLoss: Double?,
        tokensPerSecond: Double?, etaSeconds: Double?, adapter: AdapterDigest?, goldenAgreement: Double?,
        errorCode: String?, errorMessage: String?, createdAt: Date, finishedAt: Date?,
        purpose: TrainingPurpose = .final, run: TrialRun? = nil, score: Double? = nil, answers: Int? = nil,
        phase: String? = nil, secondsPerStep: Double? = nil, longRows: LongRowCount? = nil
    ) {
        self.longRows = longRows
        self.phase = phase
        self.secondsPerStep = secondsPerStep
        self.id = id
        self.useCase = useCase
        self.cycle = cycle
        self.intent = intent
        self.executor = executor
        self.externalID = externalID
        self.state = state
        self.steps = steps
        self.totalSteps = totalSteps
        self.loss = loss
        self.validationLoss = validationLoss
        self.tokensPerSecond = tokensPerSecond
        self.etaSeconds = etaSeconds
        self.adapter = adapter
        self.goldenAgreement = goldenAgreement
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.purpose = purpose
        self.run = run
        self.score = score
        self.answers = answers
    }
}

package enum TrainingJobState: String, Codable, Sendable, CaseIterable {
    case intended, submitted, running, finished, failed, cancelled, unknown
}

/// A point of a training job's loss curve.
package struct TrainingPoint: Codable, Hashable, Sendable {
    package var step: Int
    package var loss: Double?
    package var validationLoss: Double?
    package var tokensPerSecond: Double?
    package var elapsedSeconds: Double

    package init(step: Int, loss: Double?, validationLoss: Double?, tokensPerSecond: Double?, elapsedSeconds: Double) {
        self.step = step
        self.loss = loss
        self.validationLoss = validationLoss
        self.tokensPerSecond = tokensPerSecond
        self.elapsedSeconds = elapsedSeconds
    }
}

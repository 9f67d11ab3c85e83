import FledgeCore
import FledgeDocument

/// One row that a training job learns from.
package struct TrainingRow: Codable, Hashable, Sendable {
    package var messages: [ChatMessage]
    package var completion: String
    /// True to learn every turn of the assistant among the messages as well; where it is absent, the completion alone
    /// is learnt.
    package var learnsTurns: Bool?

    package init(messages: [ChatMessage], completion: String, learnsTurns: Bool? = nil) {
        self.messages = messages
        self.completion = completion
        self.learnsTurns = learnsTurns
    }
}

/// Two answers to the same messages, of which one is better.
package struct PreferenceRow: Codable, Hashable, Sendable {
    package var messages: [ChatMessage]
    package var chosen: String
    package var rejected: String

    package init(messages: [ChatMessage], chosen: String, rejected: String) {
        self.messages = messages
        self.chosen = chosen
        self.rejected = rejected
    }
}

/// How held-back rows are judged while a job trains: their answers, constrained to choices where there are any, have to be
/// the rows' own.
package struct TrainingEvaluation: Codable, Hashable, Sendable {
    package var choices: [String]?
    private var kind: String?

    package static let exact = TrainingEvaluation(kind: "exact")
    package static func choices(_ choices: [String]) -> TrainingEvaluation { TrainingEvaluation(choices: choices) }
}

/// A question that trainer and server must answer alike.
package struct GoldenPrompt: Codable, Hashable, Sendable {
    package var messages: [ChatMessage]
    package var choices: [String]?

    package init(messages: [ChatMessage], choices: [String]?) {
        self.messages = messages
        self.choices = choices
    }
}

/// Everything that a training job needs, self-contained.
package struct TrainingSpec: Codable, Hashable, Sendable {
    package var baseWeights: BaseWeights
    package var lora: LoRADefinition
    package var limitSeconds: Int
    package var rows: [TrainingRow]
    /// Rows of groups that are not in `rows`: early stopping looks at their loss.
    package var validationRows: [TrainingRow]
    package var golden: [GoldenPrompt]
    package var maximumTokens: Int
    /// How many of the golden prompts, from the first, the base model answers too; nil for none. It does not change what is
    /// trained, and is no part of the intent's name.
    package var basePrompts: Int?
    /// By what early stopping judges the held-back rows, with their loss to decide where it is the same; by their loss
    /// alone when absent.
    package var evaluation: TrainingEvaluation?
    /// Learnt after the rows.
    package var preferences: [PreferenceRow]?
    /// Early stopping looks at their loss while preferences are learnt.
    package var validationPreferences: [PreferenceRow]?

    package init(
        baseWeights: BaseWeights, lora: LoRADefinition, limitSeconds: Int, rows: [TrainingRow],
        validationRows: [TrainingRow], golden: [GoldenPrompt], maximumTokens: Int, basePrompts: Int? = nil,
        evaluation: TrainingEvaluation? = nil, preferences: [PreferenceRow]? = nil,
        validationPreferences: [PreferenceRow]? = nil
    ) {
        self.evaluation = evaluation
        self.preferences = preferences
        self.validationPreferences = validationPreferences
        self.basePrompts = basePrompts
        self.baseWeights = baseWeights
        self.lora = lora
        self.limitSeconds = limitSeconds
        self.rows = rows
        self.validationRows = validationRows
        self.golden = golden
        self.maximumTokens = maximumTokens
    }
}

/// What a training job has said since the last look.
package struct TrainingUpdate: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case running
        /// `goldenAnswers` in the order of the specification's golden prompts; `baseAnswers` are the base model's, to the
        /// first of them, nil from a trainer that does not ask it; so are `scores` from one that scores none.
        case finished(
            adapterDirectory: String, goldenAnswers: [String], baseAnswers: [String]?, steps: Int, seconds: Double,
            scores: GoldenScores? = nil)
        case cancelled
        /// `isTransient`: another submission under the same intent may go on from the last checkpoint.
        case failed(code: String, message: String, isTransient: Bool)
    }

    package var state: State
    package var points: [TrainingPoint]
    package var totalSteps: Int?
    package var etaSeconds: Double?
    /// Lines for `fledge logs`.
    package var log: [String]
    /// Where the next look goes on.
    package var offset: Int64
    /// What the job is at; nil where it has not said since the last look.
    package var phase: TrainingPhase?
    /// Reported once, before the first step.
    package var longRows: LongRowCount?

    package init(
        state: State, points: [TrainingPoint], totalSteps: Int?, etaSeconds: Double?, log: [String], offset: Int64,
        phase: TrainingPhase? = nil, longRows: LongRowCount? = nil
    ) {
        self.phase = phase
        self.longRows = longRows
        self.state = state
        self.points = points
        self.totalSteps = totalSteps
        self.etaSeconds = etaSeconds
        self.log = log
        self.offset = offset
    }
}

extension TrainingUpdate.State {
    /// Whether the job failed in a way that another submission under the same intent may mend.
    package var mayGoOn: Bool { if case .failed(_, _, isTransient: true) = self { true } else { false } }
}

/// Runs training jobs somewhere else. The handle is an external id that is kept in the database: nothing lives in memory.
///
/// Whoever makes one keeps what `TrainingExecutorPromise` (FledgeTestKit) lists; its tests run that list.
///
/// - **Errors.** A requirement throws `FledgeError`, and `CancellationError` where its task was cancelled. An error is
///   never the end of a job: after one that is transient, the same is asked again.
/// - **Repeating.** Everything may be asked again, by another daemon, after a restart, and where an answer was lost.
/// - **Ownership.** A job and its folder are the executor's, however it ended: callers copy what they keep of it, and
///   change nothing there. What is returned is a value of the caller's.
package protocol TrainingExecutor: Sendable {
    /// Stored with each job, so it is the same in every process.
    var name: String { get }
    /// How many jobs it runs at once, from all daemons together; nil for as many as come.
    var limit: ExecutorLimit? { get }
    /// Finds a job by the intent's name: what makes a second submission after a crash impossible.
    ///
    /// - Returns: the external id of a job that is under way, or has ended for good; nil where there surely is none to
    ///   follow: none was submitted, or it failed in a way that another submission may mend.
    /// - Throws: `executor.cannot_look_up` where it can't tell, now or ever. A job that may have been submitted then waits
    ///   for a person.
    func find(intent: String) async throws -> String?
    /// Starts the job under the intent's name, or goes on from its last checkpoint where one was left behind. Of a job
    /// that runs, begins at the same moment or has finished, it trains nothing anew; one that was cancelled stays so.
    ///
    /// - Returns: the job's external id, the same every time.
    /// - Throws: transient what may pass, such as `training.not_started`; for a person what is wrong with the machine,
    ///   the weights or the specification. The job may have been started all the same: ``find(intent:)`` tells.
    func submit(_ specification: TrainingSpec, intent: String) async throws -> String
    /// Has a finished job convert its adapter and answer the golden prompts again, without training; `poll` then follows it.
    /// One that runs already is left alone.
    ///
    /// - Throws: as ``submit(_:intent:)``.
    func answerAgain(_ specification: TrainingSpec, intent: String) async throws
    /// What the job has said since an offset, 0 for all of it; from the same offset the same, and what has come since.
    /// The end comes with the last of what the job said, and stays the same until it is submitted or answers again.
    ///
    /// - Throws: `training.lost`, or a code of the executor's own, for a job that it hasn't got. What can't be read at
    ///   the moment says nothing about the job: `training.unreadable`, `file.unread`.
    func poll(_ externalID: String, from offset: Int64) async throws -> TrainingUpdate
    /// Asks the job to stop; it is stopped when `poll` says so. One that has ended stays as it ended.
    ///
    /// - Throws: where the job can't be told, as one that the executor hasn't got.
    func cancel(_ externalID: String) async throws
}

/// The trainings that an executor takes at once.
package struct ExecutorLimit: Hashable, Sendable {
    /// What the places are at: two daemons on two machines have two local executors.
    package var resource: String
    package var places: Int

    package init(resource: String, places: Int) {
        self.resource = resource
        self.places = places
    }
}

extension TrainingExecutor {
    package var limit: ExecutorLimit? { nil }
    /// Where an executor can't, the answers that it gave are compared again.
    package func answerAgain(_ specification: TrainingSpec, intent: String) async throws {}
}

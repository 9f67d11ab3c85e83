/// Where one cycle stands: the whole state of the stage machine.
package struct CycleState: Codable, Hashable, Sendable {
    package struct Block: Codable, Hashable, Sendable {
        package var code: String
        package var message: String

        package init(code: String, message: String) {
            self.code = code
            self.message = message
        }

        /// The code of a block by a training job of which nobody knows whether its executor has it.
        package static let unknownJob = FledgeError.Code.trainingUnknown.rawValue
        /// The code of a block at the cap on spending.
        package static let capReached = FledgeError.Code.spendCapReached.rawValue
        /// The code of a block by a person who cancelled the stage's work.
        package static let cancelled = "cancelled"
    }

    package var stage: Stage
    package var activity: Activity
    /// The prompt round under way, from 1; 0 before the first.
    package var round: Int
    /// Gates judged so far in this cycle: every one was a look at the holdout.
    package var looks: Int
    /// Training jobs started so far in this cycle.
    package var trainings: Int
    /// The candidate under the gate, waiting for approval, or in production.
    package var candidate: CandidateID?
    package var isPaused: Bool
    package var block: Block?

    package init(
        stage: Stage, activity: Activity, round: Int = 0, looks: Int = 0, trainings: Int = 0,
        candidate: CandidateID? = nil, isPaused: Bool = false, block: Block? = nil
    ) {
        self.stage = stage
        self.activity = activity
        self.round = round
        self.looks = looks
        self.trainings = trainings
        self.candidate = candidate
        self.isPaused = isPaused
        self.block = block
    }

    /// Whether a cycle has nothing more to do by itself, so that a new revision may take its place.
    package var hasArrived: Bool { block != nil || activity == .live || stage == .retired }

    /// Whether it stands where only work moves it on: then there has to be some.
    package var waitsForWork: Bool {
        block == nil && [.experimenting, .judging, .deciding, .training, .releasing].contains(activity)
    }

    /// Before its first event.
    package static let new = CycleState(stage: .promptPrototype, activity: .none)
}

extension CycleState.Block {
    /// The code of a block by an adapter whose served answers are not the trainer's.
    package static let goldenMismatch = "adapter.golden_mismatch"
    /// The code of a block by an adapter that changes no answer.
    package static let adapterWithoutEffect = "adapter.no_effect"
    /// The code of a block by a server at which calls of the adapter change the base model's answers.
    package static let baseDisturbed = "adapter.base_disturbed"
    /// The codes of golden checks that failed.
    package static let goldenChecks = [goldenMismatch, adapterWithoutEffect, baseDisturbed]

    /// Whether the adapter is there, and its golden check failed.
    package var isGoldenCheck: Bool { Self.goldenChecks.contains(code) }

    /// Whether a retry goes on with the training that there is: a new one would cost as much and end the same.
    var keepsTraining: Bool { code == Self.unknownJob || isGoldenCheck }
}

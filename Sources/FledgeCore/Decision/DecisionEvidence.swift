import FledgeDocument

/// All that a decision may look at: the same evidence gives the same decision.
///
/// What is nil was not known when it was gathered; nothing is taken for zero in its place.
package struct DecisionEvidence: Codable, Hashable, Sendable {
    package var gate: GateResult
    /// Best score of each prompt round, in order.
    package var roundScores: [Double]
    /// Prompt rounds that had been run; nil in records of the first rules.
    package var roundsRun: Int?
    package var roundsMaximum: Int
    package var plateauRounds: Int?
    package var plateauMinimumGain: Double
    package var isBudgetSpent: Bool
    /// Whether the search had no further candidate to try; nil where that was not recorded apart from the rounds.
    package var hasNothingNewToTry: Bool?
    package var trainingExamples: Int
    package var minimumTrainingExamples: Int
    package var mayFineTune: Bool
    package var trainingsDone: Int
    /// What the last rounds gained.
    package var gain: PairedGain?
    /// What prompts have gained over the first prompt without demonstrations.
    package var headroom: PromptHeadroom?
    package var gap: GapEvidence?
    package var economics: Economics?
    /// From pilot runs; nil or empty where none ran.
    package var learningCurve: [LearningCurvePoint]?
    /// The prompts that were compared on the adapter, best first.
    package var adapterPrompts: [PromptScore]?
    /// What training made of rows that are longer than a row may be; nil where nothing was trained, or nobody counted.
    package var longRows: LongRows?
    /// A prompt of this cycle that has passed its gate, when the gate of this decision judged another candidate.
    package var earlierPass: EarlierPass?
    /// The model that would be tuned, where the prompt that the gate judged asks another one; nil where it is the same, or
    /// nothing is tuned, or the record is of rules before the fourth.
    package var otherTunedModel: String?

    /// Rows that are longer than training takes them.
    package struct LongRows: Codable, Hashable, Sendable {
        package var count: LongRowCount
        /// In tokens.
        package var limit: Int
        /// Whether they were learnt without their beginning; else they were left out.
        package var areTruncated: Bool

        package init(count: LongRowCount, limit: Int, areTruncated: Bool) {
            self.count = count
            self.limit = limit
            self.areTruncated = areTruncated
        }
    }

    /// A candidate by name with its mean score.
    package struct PromptScore: Codable, Hashable, Sendable {
        package var name: String
        package var demonstrations: Int
        package var score: Double
        package var examples: Int

        package init(name: String, demonstrations: Int, score: Double, examples: Int) {
            self.name = name
            self.demonstrations = demonstrations
            self.score = score
            self.examples = examples
        }
    }

    /// A candidate that has passed the gate earlier in the cycle.
    package struct EarlierPass: Codable, Hashable, Sendable {
        package var candidate: CandidateID
        package var name: String
        package var look: Int
        /// Micro-dollars a call; nil without a price.
        package var costPerCall: Double?

        package init(candidate: CandidateID, name: String, look: Int, costPerCall: Double?) {
            self.candidate = candidate
            self.name = name
            self.look = look
            self.costPerCall = costPerCall
        }
    }

    package init(
        gate: GateResult, roundScores: [Double], roundsMaximum: Int, plateauRounds: Int?, plateauMinimumGain: Double,
        isBudgetSpent: Bool, trainingExamples: Int, minimumTrainingExamples: Int, mayFineTune: Bool, trainingsDone: Int,
        hasNothingNewToTry: Bool? = nil, roundsRun: Int? = nil, gain: PairedGain? = nil,
        headroom: PromptHeadroom? = nil,
        gap: GapEvidence? = nil,
        economics: Economics? = nil,
        learningCurve: [LearningCurvePoint]? = nil, adapterPrompts: [PromptScore]? = nil,
        earlierPass: EarlierPass? = nil
    ) {
        self.gate = gate
        self.roundScores = roundScores
        self.roundsRun = roundsRun
        self.roundsMaximum = roundsMaximum
        self.plateauRounds = plateauRounds
        self.plateauMinimumGain = plateauMinimumGain
        self.isBudgetSpent = isBudgetSpent
        self.hasNothingNewToTry = hasNothingNewToTry
        self.trainingExamples = trainingExamples
        self.minimumTrainingExamples = minimumTrainingExamples
        self.mayFineTune = mayFineTune
        self.trainingsDone = trainingsDone
        self.gain = gain
        self.headroom = headroom
        self.gap = gap
        self.economics = economics
        self.learningCurve = learningCurve
        self.adapterPrompts = adapterPrompts
        self.earlierPass = earlierPass
    }

    /// The criterion on the answers' quality that candidates are ranked by.
    package var primaryCriterion: CriterionResult? { gate.criteria.first { $0.criterion.metric.isQuality } }

    /// The primary criterion's bar.
    package var bar: Double? { primaryCriterion?.criterion.bound.value }
}

/// The answer to "prompt or fine-tune?".
package enum DecisionKind: String, Codable, Sendable, CaseIterable {
    case promote
    case fineTune = "fine-tune"
    case keepPrototyping = "keep-prototyping"
    case needsData = "needs-data"
    case stop
}

/// A decision with every rule and number that led to it.
package struct Decision: Codable, Hashable, Sendable {
    /// One named rule, whether it held, and the sentence that says why.
    package struct Rule: Codable, Hashable, Sendable {
        package var name: String
        package var holds: Bool
        package var statement: String

        package init(name: String, holds: Bool, statement: String) {
            self.name = name
            self.holds = holds
            self.statement = statement
        }
    }

    package var kind: DecisionKind
    /// One sentence for people.
    package var summary: String
    package var rules: [Rule]
    /// What was not known, with the command or the line of the definition that supplies it.
    package var missing: [String]
    package var evidence: DecisionEvidence

    package init(kind: DecisionKind, summary: String, rules: [Rule], missing: [String], evidence: DecisionEvidence) {
        self.kind = kind
        self.summary = summary
        self.rules = rules
        self.missing = missing
        self.evidence = evidence
    }
}

/// All that a decision may look at: the same evidence gives the same decision.
package struct DecisionEvidence: Codable, Hashable, Sendable {
    package var gate: GateResult
    /// Best score of each prompt round, in order.
    package var roundScores: [Double]
    package var roundsMaximum: Int
    package var plateauRounds: Int?
    package var plateauMinimumGain: Double
    package var isBudgetSpent: Bool
    package var trainingExamples: Int
    package var minimumTrainingExamples: Int
    package var mayFineTune: Bool
    package var trainingsDone: Int

    package init(
        gate: GateResult, roundScores: [Double], roundsMaximum: Int, plateauRounds: Int?, plateauMinimumGain: Double,
        isBudgetSpent: Bool, trainingExamples: Int, minimumTrainingExamples: Int, mayFineTune: Bool, trainingsDone: Int
    ) {
        self.gate = gate
        self.roundScores = roundScores
        self.roundsMaximum = roundsMaximum
        self.plateauRounds = plateauRounds
        self.plateauMinimumGain = plateauMinimumGain
        self.isBudgetSpent = isBudgetSpent
        self.trainingExamples = trainingExamples
        self.minimumTrainingExamples = minimumTrainingExamples
        self.mayFineTune = mayFineTune
        self.trainingsDone = trainingsDone
    }
}

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

    /// A number that nobody supplied, and the command or the line of the definition that does.
    package struct MissingInput: Codable, Hashable, Sendable {
        package var name: String
        package var supply: String

        package init(name: String, supply: String) {
            self.name = name
            self.supply = supply
        }
    }

    /// The nearest value of one input, all others unchanged, at which the answer is another.
    package struct FlipPoint: Codable, Hashable, Sendable {
        package var input: String
        package var now: Double
        /// The first value on its side that gives the other answer.
        package var at: Double
        /// The distance between neighbouring values that were looked at.
        package var step: Double
        package var kind: DecisionKind
        package var statement: String

        package init(
            input: String, now: Double, at: Double, step: Double, kind: DecisionKind, statement: String
        ) {
            self.input = input
            self.now = now
            self.at = at
            self.step = step
            self.kind = kind
            self.statement = statement
        }
    }

    /// The decision's number among those of its use case, from 1; the store counts, the record does not hold it.
    package var number: Int?
    /// The version of the rules that decided; nil for the first.
    package var rulesVersion: Int?
    package var kind: DecisionKind
    /// One sentence for people.
    package var summary: String
    package var rules: [Rule]
    /// What would have to come before another answer is possible.
    package var missing: [String]
    /// The numbers that were not known; nil in records of the first rules.
    package var missingInputs: [MissingInput]?
    /// Nil in records of the first rules.
    package var flipPoints: [FlipPoint]?
    /// The candidate that is promoted, where it is not the one that the gate judged last.
    package var promoted: CandidateID?
    package var evidence: DecisionEvidence

    package init(
        kind: DecisionKind, summary: String, rules: [Rule], missing: [String], evidence: DecisionEvidence,
        missingInputs: [MissingInput]? = nil, flipPoints: [FlipPoint]? = nil, promoted: CandidateID? = nil,
        rulesVersion: Int? = nil, number: Int? = nil
    ) {
        self.number = number
        self.rulesVersion = rulesVersion
        self.kind = kind
        self.summary = summary
        self.rules = rules
        self.missing = missing
        self.missingInputs = missingInputs
        self.flipPoints = flipPoints
        self.promoted = promoted
        self.evidence = evidence
    }
}

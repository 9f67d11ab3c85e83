import FledgeDocument

/// One criterion with its evidence.
package struct CriterionResult: Codable, Hashable, Sendable {
    package var criterion: CriterionDefinition
    package var verdict: Verdict
    /// The point estimate, in the metric's unit; nil where nothing could be measured.
    package var value: Double?
    /// One-sided bounds, each wrong with probability at most `alpha`.
    package var lower: Double?
    package var upper: Double?
    /// Examples (or pairs, or calls) behind the value.
    package var count: Int
    /// The error rate that this look was given.
    package var alpha: Double
    /// For an inconclusive verdict: how many examples would settle it if the value stayed.
    package var countNeeded: Int?
    /// What an error was.
    package var detail: String?
    /// For a model's judgement: its own share, and what it is corrected by.
    package var judged: JudgedEvidence?

    package init(
        criterion: CriterionDefinition, verdict: Verdict, value: Double?, lower: Double?, upper: Double?, count: Int,
        alpha: Double, countNeeded: Int? = nil, detail: String? = nil
    ) {
        self.criterion = criterion
        self.verdict = verdict
        self.value = value
        self.lower = lower
        self.upper = upper
        self.count = count
        self.alpha = alpha
        self.countNeeded = countNeeded
        self.detail = detail
    }
}

/// The verdict of a gate on one candidate, with everything that it rests on.
package struct GateResult: Codable, Hashable, Sendable {
    package var candidate: CandidateID
    package var candidateName: String
    package var verdict: Verdict
    package var criteria: [CriterionResult]
    /// Which look at this holdout it was, from 1, and how many the definition allows.
    package var look: Int
    package var looksAllowed: Int
    /// The primary metric's score where the candidate was chosen (prototype split); the optimism gap is this minus the holdout's.
    package var prototypeScore: Double?
    package var holdoutScore: Double?
    /// Comparisons with the champion; nil where the definition asks for none.
    package var comparisons: [ComparisonResult]?
    /// Slices of the holdout; nil where the definition names none.
    package var slices: [SliceResult]?
    /// Which look at these examples it was in all cycles together, from 1; nil for gates of before the ledger.
    package var ledgerLook: Int?
    /// Examples of the holdout that were left out because their error budget is spent.
    package var examplesLeftOut: Int?
    /// The part of each criterion's error rate that the look was given.
    package var share: Double?
    /// The candidate that production used, where the gate compared with it.
    package var champion: CandidateID?

    package init(
        candidate: CandidateID, candidateName: String, verdict: Verdict, criteria: [CriterionResult], look: Int,
        looksAllowed: Int, prototypeScore: Double?, holdoutScore: Double?, comparisons: [ComparisonResult]? = nil,
        slices: [SliceResult]? = nil, ledgerLook: Int? = nil, examplesLeftOut: Int? = nil,
        share: Double? = nil, champion: CandidateID? = nil
    ) {
        self.candidate = candidate
        self.candidateName = candidateName
        self.verdict = verdict
        self.criteria = criteria
        self.look = look
        self.looksAllowed = looksAllowed
        self.prototypeScore = prototypeScore
        self.holdoutScore = holdoutScore
        self.comparisons = comparisons
        self.slices = slices
        self.ledgerLook = ledgerLook
        self.examplesLeftOut = examplesLeftOut
        self.share = share
        self.champion = champion
    }
}

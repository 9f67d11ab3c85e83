import FledgeCore
import FledgeDocument

/// The samples of a gate's experiment, put together for the evaluators of criteria, comparisons and slices.
struct GateEvidence: Sendable {
    let plan: GatePlan
    let definition: UseCaseDefinition
    /// The part of a criterion's α that this look may spend, 0…1.
    let share: Double
    /// The candidate that serves in production, which may be the evaluated candidate itself; nil where nothing serves,
    /// or nothing is compared with it.
    let champion: CandidateID?
    /// Why the champion could not be asked; nil where it was, or is not needed.
    let championProblem: String?
    let samples: [Sample]
    /// How far each judge agrees with people; a judge without an entry has not been measured, and decides nothing.
    var calibrations: [String: JudgeCalibration] = [:]

    private var validation: ValidationDefinition { definition.validation ?? ValidationDefinition() }
    private var primary: MetricDefinition { definition.primaryMetric }

    func criteria() throws -> [CriterionResult] {
        let own = Dictionary(grouping: samples.filter { $0.candidate == plan.candidate.id }, by: \.example)
        let measured = plan.examples.flatMap { example in
            (own[example.id] ?? []).map {
                CriterionEvaluator.Measured(sample: $0, group: example.group, expected: example.expected)
            }
        }
        let evaluator = CriterionEvaluator(measured: measured, share: share, judges: .calibrated(calibrations))
        return try validation.require.map { criterion in
            try CancellationPoint.check()
            return evaluator.judge(criterion)
        }
    }

    /// What is missing of the candidate's answers, or of the champion's where that is more; repeats and changed questions
    /// included.
    var missing: (subject: Candidate, answers: MissingTally) {
        let own = MissingTally(samples.filter { $0.candidate == plan.candidate.id })
        guard let champion = plan.champion else { return (plan.candidate, own) }
        let theirs = MissingTally(samples.filter { $0.candidate == champion.id })
        return theirs.share > own.share ? (champion, theirs) : (plan.candidate, own)
    }

    /// Nil where the definition compares nothing.
    func comparisons() throws -> [ComparisonResult]? {
        guard let comparisons = validation.comparisons, !comparisons.isEmpty else { return nil }
        if let championProblem {
            return ComparisonEvaluator.unanswered(
                comparisons, primary: primary, share: share, because: championProblem)
        }
        guard champion != nil else {
            return ComparisonEvaluator.withoutChampion(comparisons, primary: primary, share: share)
        }
        let (mine, theirs) = (firstAnswers(of: plan.candidate), championAnswers)
        let pairs = plan.examples.compactMap { example -> ComparisonEvaluator.Pair? in
            guard let challenger = mine[example.id], let champion = theirs[example.id] else { return nil }
            return ComparisonEvaluator.Pair(challenger: challenger, champion: champion, group: example.group)
        }
        return try ComparisonEvaluator(pairs: pairs, share: share, primary: primary).judge(comparisons)
    }

    /// Nil where the definition names no slices.
    func slices() throws -> [SliceResult]? {
        guard let slices = validation.slices else { return nil }
        let mine = firstAnswers(of: plan.candidate)
        let theirs = plan.champion == nil ? [:] : championAnswers
        // Missing answers are left out: a slice fails for answers that are shown to be bad, never for answers that did
        // not come.
        let measured = plan.examples.compactMap { example in
            mine[example.id].flatMap { $0.isUnanswered ? nil : $0 }.map {
                SliceEvaluator.Measured(
                    fields: example.fields, group: example.group, sample: $0,
                    champion: theirs[example.id].flatMap { $0.isUnanswered ? nil : $0 })
            }
        }
        return try SliceEvaluator(measured: measured, share: share, primary: primary)
            .judge(slices, criteria: validation.require)
    }

    /// The primary metric's mean over the holdout.
    var holdoutScore: Double? {
        let scores = firstAnswers(of: plan.candidate).values.compactMap { $0.score(of: "primary") }
        return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
    }

    /// A candidate that is the champion is compared with itself.
    private var championAnswers: [ExampleID: Sample] { firstAnswers(of: plan.champion ?? plan.candidate) }

    private func firstAnswers(of candidate: Candidate) -> [ExampleID: Sample] {
        let id = candidate.id
        return Dictionary(
            samples.filter { $0.candidate == id && $0.repeat == 0 }.map { ($0.example, $0) }
        ) { first, _ in first }
    }
}

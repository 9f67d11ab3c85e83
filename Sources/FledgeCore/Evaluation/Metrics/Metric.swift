import FledgeDocument

/// All that a metric is. Whatever asks something of a metric asks this; a metric says what it is not like the others in.
package protocol Metric: Sendable {
    /// The key of the metric's score in a sample: stable, and different for different parameters.
    var name: String { get }
    /// The metric's name for people.
    var title: String { get }
    /// A value with its unit, for people.
    ///
    /// - Parameter decimals: of scores and seconds.
    func text(of value: Double, decimals: Int) -> String

    // MARK: Of one answer

    /// What is made once for all answers, such as a compiled pattern; `Scorer.prepared` holds it by the metric's name.
    ///
    /// - Parameter labels: the expected texts of the data.
    func prepared(labels: [String]) -> (any Sendable)?
    /// 0 (wrong) … 1 (right); nil where that is not known. 0 for what is measured over several samples.
    func score(_ answer: Scorer.Answer, by scorer: Scorer) throws(CancellationError) -> Double?
    /// What a sample keeps of an answer beside its score, by names that begin with the metric's.
    ///
    /// - Parameter score: the answer's.
    func marks(_ answer: Scorer.Answer, score: Double, by scorer: Scorer) -> [String: Double]

    // MARK: What it is like

    /// Whether it scores single answers on a scale of 0 (wrong) to 1 (right), so that it may lead a search.
    var isQuality: Bool { get }
    /// Whether its value is the mean of the scores of single answers: it can then be compared, and asked of a slice.
    var isMeanOfScores: Bool { get }
    /// Whether code scores single answers by it, for their samples.
    var isScored: Bool { get }
    /// Whether every score is 0 or 1, so that the mean is a rate.
    var isRate: Bool { get }
    /// Whether the value is a share of 0…1, better when it is higher; else it is above zero, and better when it is lower.
    var isShare: Bool { get }
    /// Whether prompts and training change it, as they change answers.
    var concernsAnswers: Bool { get }
    /// Whether it may stand for a use case's quality in a report.
    var standsForQuality: Bool { get }
    /// Whether the answer as a whole is compared with the expected one, as a label.
    var comparesWholeAnswers: Bool { get }
    /// Whether it compares them character for character.
    var comparesCharacters: Bool { get }
    /// Whether an answer that came may have no score.
    var mayLackScores: Bool { get }
    /// Whether answers are to be JSON.
    var asksJSON: Bool { get }
    /// What a gate asks more often because of it; nil for nothing.
    var repetition: Repetition? { get }

    // MARK: At a gate

    /// The value with its bounds.
    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate
    /// Whether the bounds of more examples shrink with the square root of their number.
    var narrowsByRoot: Bool { get }
    /// Whether n right answers of n show no more than the exact bound of a rate: `check` refuses a bar above that.
    var isHeldToRate: Bool { get }
    /// Whether so few rows of a holdout that a rate of all right could not show the bar allow no look.
    var limitsLooks: Bool { get }

    // MARK: At `check`

    /// Finds what is wrong with the metric's own parameters.
    func check(at place: CriterionPlace, _ patterns: PatternCheck, _ findings: inout DefinitionValidator.Findings)
    /// Finds what does not go with the rest of the use case.
    func checkFit(
        at place: CriterionPlace, in useCase: UseCaseDefinition, _ findings: inout DefinitionValidator.Findings)
    /// Finds what does not go with the data, and with where the criterion stands.
    func checkData(
        at place: CriterionPlace, in useCase: UseCaseDefinition, _ facts: DatasetFacts,
        _ findings: inout DefinitionValidator.Findings)
    /// What the metric comes to where every answer is the most frequent expected one; nil where that is not said.
    ///
    /// - Parameter share: of that answer among the expected ones, of which there are `labels`.
    func scoreOfMajority(share: Double, labels: Int) -> Double?

    /// The ranges of its numbers.
    static var numbers: [NumberRule] { get }
}

/// Further questions of a gate: so many calls for each of some examples, or of all.
package struct Repetition: Hashable, Sendable {
    package var calls: Int
    package var examples: Int?
}

/// Where a criterion stands in a definition.
package struct CriterionPlace: Sendable {
    package var path: String
    /// In `Require`; else in `Advance`.
    package var isAtGate: Bool
}

/// What most metrics are.
extension Metric {
    package func text(of value: Double, decimals: Int) -> String { value.formatted(decimals: decimals) }

    package func prepared(labels: [String]) -> (any Sendable)? { nil }
    package func score(_ answer: Scorer.Answer, by scorer: Scorer) throws(CancellationError) -> Double? { 0 }
    package func marks(_ answer: Scorer.Answer, score: Double, by scorer: Scorer) -> [String: Double] { [:] }

    package var isQuality: Bool { false }
    package var isMeanOfScores: Bool { isQuality }
    package var isScored: Bool { isMeanOfScores }
    package var isRate: Bool { true }
    package var isShare: Bool { isRate }
    package var concernsAnswers: Bool { true }
    package var standsForQuality: Bool { true }
    package var comparesWholeAnswers: Bool { false }
    package var comparesCharacters: Bool { false }
    package var mayLackScores: Bool { false }
    package var asksJSON: Bool { false }
    package var repetition: Repetition? { nil }

    /// The rate of the scores from a half on.
    package func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        answers.rateOfHits(of: self, alpha: alpha)
    }

    package var narrowsByRoot: Bool { true }
    package var isHeldToRate: Bool { isRate }
    package var limitsLooks: Bool { isMeanOfScores }

    package func check(
        at place: CriterionPlace, _ patterns: PatternCheck, _ findings: inout DefinitionValidator.Findings
    ) {}
    package func checkFit(
        at place: CriterionPlace, in useCase: UseCaseDefinition, _ findings: inout DefinitionValidator.Findings
    ) {}
    package func checkData(
        at place: CriterionPlace, in useCase: UseCaseDefinition, _ facts: DatasetFacts,
        _ findings: inout DefinitionValidator.Findings
    ) {}
    package func scoreOfMajority(share: Double, labels: Int) -> Double? { comparesWholeAnswers ? share : nil }

    package static var numbers: [NumberRule] { [] }
}

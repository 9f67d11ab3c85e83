import FledgeDocument

/// What the question whether tuning pays rests on; amounts in micro-dollars.
///
/// N* = (data + training + evaluation) / (prompted − tuned), the calls after which what tuning costs has come back. Data is
/// the price of a label times the examples that are trained on, bought already or not: who has them for nothing says
/// `perLabel: .dollars(0)`.
package struct Economics: Codable, Hashable, Sendable {
    /// From the definition's `Forecast`.
    package var callsPerPeriod: Double?
    package var period: ForecastPeriod?
    /// Periods over which the cost has to come back.
    package var horizonPeriods: Double?
    package var perLabel: Double?
    package var perTrainingHour: Double?
    /// Hours of training: measured, trials and pilots included, or what the definition's limits let the adapter and the trials
    /// of a sweep take, before anything was trained.
    package var trainingHours: Double
    package var isTrainingMeasured: Bool
    /// Calls that the tuned candidates' comparison and gate take.
    package var evaluationCalls: Int
    /// A call of the prompted candidate, as measured.
    package var promptedPerCall: Double?
    /// A call of the tuned candidate: measured, or the prompted one's without its demonstrations.
    package var tunedPerCall: Double?
    package var isTunedMeasured: Bool

    package init(
        callsPerPeriod: Double?, period: ForecastPeriod?, horizonPeriods: Double?, perLabel: Double?,
        perTrainingHour: Double?, trainingHours: Double, isTrainingMeasured: Bool, evaluationCalls: Int,
        promptedPerCall: Double?, tunedPerCall: Double?, isTunedMeasured: Bool
    ) {
        self.callsPerPeriod = callsPerPeriod
        self.period = period
        self.horizonPeriods = horizonPeriods
        self.perLabel = perLabel
        self.perTrainingHour = perTrainingHour
        self.trainingHours = trainingHours
        self.isTrainingMeasured = isTrainingMeasured
        self.evaluationCalls = evaluationCalls
        self.promptedPerCall = promptedPerCall
        self.tunedPerCall = tunedPerCall
        self.isTunedMeasured = isTunedMeasured
    }

    /// What tuning costs in all; nil while a part is unknown.
    package func fixedCost(trainingExamples: Int) -> Double? {
        guard let perLabel, let perTrainingHour, let tunedPerCall else { return nil }
        return perLabel * Double(trainingExamples) + perTrainingHour * trainingHours
            + tunedPerCall * Double(evaluationCalls)
    }

    /// N*, the break-even volume in calls: infinite when a tuned call is not cheaper; nil while a part is unknown.
    package func breakEvenCalls(trainingExamples: Int) -> Double? {
        guard let fixed = fixedCost(trainingExamples: trainingExamples), let promptedPerCall, let tunedPerCall else {
            return nil
        }
        let saving = promptedPerCall - tunedPerCall
        return saving > 0 ? fixed / saving : .infinity
    }

    /// Calls within the horizon; nil without a forecast.
    package var callsInHorizon: Double? {
        callsPerPeriod.flatMap { calls in horizonPeriods.map { calls * $0 } }
    }

    /// Whether what tuning costs comes back within the horizon; nil while a part is unknown.
    package func pays(trainingExamples: Int) -> Bool? {
        guard let needed = breakEvenCalls(trainingExamples: trainingExamples), let expected = callsInHorizon else {
            return nil
        }
        return expected >= needed
    }
}

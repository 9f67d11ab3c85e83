import FledgeCore
import FledgeDocument

/// Measures judges against people's labels.
struct JudgeCalibrator: Sendable {
    let stores: any JudgeStore
    let models: ServerDirectory

    /// The calibration of every judge of the cycle's definition, by the metric's name.
    ///
    /// Labelled answers that this judge has not seen are shown to it first: a new judging model is measured against the
    /// labels that are there.
    func calibrations(for cycle: Cycle) async throws -> [String: JudgeCalibration] {
        var calibrations: [String: JudgeCalibration] = [:]
        for runner in try models.judges(of: cycle) {
            let labels = try await stores.labels(of: cycle.useCase, question: runner.judge.question).byMajority
            let verdicts = labels.isEmpty ? [:] : try await runner.verdicts(on: labels.map(\.item))
            calibrations[runner.metric] = Self.calibration(
                of: runner.judge, useCase: cycle.definition.name, labels: labels, verdicts: verdicts)
        }
        return calibrations
    }

    /// The calibrations that a gate was evaluated with, as they were recorded: labels that came later do not change its
    /// result.
    static func recorded(in gate: GateResult?, of cycle: Cycle) -> [String: JudgeCalibration] {
        var calibrations: [String: JudgeCalibration] = [:]
        for result in gate?.criteria ?? [] {
            guard let judge = result.criterion.metric.judge, let matrix = result.judged?.matrix else { continue }
            calibrations[result.criterion.metric.name] = JudgeCalibration(
                useCase: cycle.definition.name, judge: judge, matrix: matrix)
        }
        return calibrations
    }

    static func calibration(
        of judge: JudgeDefinition, useCase: String, labels: [(item: JudgedItem, isPassed: Bool)],
        verdicts: [Digest: JudgeRating]
    ) -> JudgeCalibration {
        var matrix = ConfusionMatrix()
        for (item, isPassed) in labels {
            // A reply that could not be read counts neither as agreement nor as disagreement.
            guard let verdict = verdicts[item.id], verdict.score != nil else { continue }
            matrix.add(person: isPassed, judge: verdict.isPassed)
        }
        return JudgeCalibration(useCase: useCase, judge: judge, matrix: matrix)
    }
}

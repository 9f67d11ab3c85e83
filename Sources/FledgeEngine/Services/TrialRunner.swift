import FledgeCore
import FledgeDocument

/// Runs one trial as a training job, and scores its answers by the use case's primary metric.
struct TrialRunner: Sendable {
    enum Ending: Sendable {
        case scored
        case failed(code: String, message: String)
        case cancelled
    }

    let jobs: TrainingJobRunner

    /// - Parameters:
    ///   - item: the work that the trial is part of: a job that may succeed on another day is tried again with it.
    /// - Throws: the code of a failure that another try may mend, with exit code `tryAgain`.
    func run(
        _ run: TrialRun, at place: TrialPlace, plan: TrainingPlan, data: TuningData, cycle: Cycle, item: WorkItem
    ) async throws -> Ending {
        let specification = plan.specification(of: run, data: data)
        let intent =
            "\(cycle.definition.name)-cycle\(cycle.number)-\(place.purpose.rawValue)\(place.attempt)-\(place.number)-"
            + TrainingPlan.fingerprint(of: specification).short
        let stores = jobs.stores
        var job = try await stores.openTrial(run, at: place, intent: intent, executor: jobs.executor.name)
        switch try await jobs.run(&job, specification, for: item) {
        case .running: return .failed(code: "training.lost", message: "the job is still running")
        case .finished(_, let answers, _, _, let seconds):
            let asked = data.asked(of: run)
            guard !asked.isEmpty, answers.count == asked.count else {
                return try await fail(
                    job, code: "training.no_answers",
                    message: "the trainer gave \(answers.count) answers to \(asked.count) questions")
            }
            let metric = cycle.definition.primaryMetric
            let scorer = Scorer(for: cycle.definition, labels: try await stores.labels(of: cycle.snapshot))
            let total = zip(answers, asked).reduce(0.0) { sum, pair in
                sum
                    + scorer.score(
                        metric, output: pair.0, expected: pair.1.expected, choices: plan.candidate.choices)
            }
            try await stores.finishTrial(
                job.id, score: total / Double(asked.count), answers: asked.count, seconds: seconds)
            return .scored
        case .cancelled:
            try await stores.finishJob(
                job.id, state: .cancelled, adapter: nil,
                error: FledgeError("training.cancelled", "the training job was cancelled"))
            return .cancelled
        case .failed(let code, let message, let isTransient):
            if isTransient, item.attempt < item.maximumAttempts {
                throw FledgeError(.init(rawValue: code), message, exitCode: .tryAgain)
            }
            return try await fail(job, code: code, message: message)
        }
    }

    private func fail(_ job: TrainingJob, code: String, message: String) async throws -> Ending {
        try await jobs.stores.finishJob(
            job.id, state: .failed, adapter: nil, error: FledgeError(.init(rawValue: code), message))
        return .failed(code: code, message: message)
    }
}

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

    /// Begins a trial: its run and its job's intent are stored. The trial that is at that place already is taken as it is.
    func open(
        _ run: TrialRun, at place: TrialPlace, plan: TrainingPlan, data: TuningData, cycle: Cycle
    ) async throws -> OpenTrial {
        let intent =
            "\(cycle.definition.name)-cycle\(cycle.number)-\(place.purpose.rawValue)\(place.attempt)-\(place.number)-"
            + TrainingPlan.fingerprint(of: plan.specification(of: run, data: data)).short
        return try await jobs.stores.openTrial(run, at: place, intent: intent, executor: jobs.executor.name)
    }

    /// Sees a trial's job through, and scores it. One that was cancelled stays open: see ``settleCancelled(_:)``.
    ///
    /// - Parameters:
    ///   - item: the work that the trial is part of: a job that may succeed on another day is tried again with it.
    /// - Throws: `executor.full`; the code of a failure that another try may mend, with exit code `tryAgain`.
    func run(
        _ trial: OpenTrial, plan: TrainingPlan, data: TuningData, cycle: Cycle, item: WorkItem
    ) async throws -> Ending {
        let stores = jobs.stores
        var job = trial.job
        switch try await jobs.run(&job, plan.specification(of: trial.run, data: data), for: item) {
        case .running: return .failed(code: "training.lost", message: "the job is still running")
        case .finished(_, let answers, _, _, let seconds, _):
            let asked = data.asked(of: trial.run)
            guard !asked.isEmpty, answers.count == asked.count else {
                return try await fail(
                    job, code: "training.no_answers",
                    message: "the trainer gave \(answers.count) answers to \(asked.count) questions")
            }
            let metric = cycle.definition.primaryMetric
            let scorer = Scorer(
                for: cycle.definition, labels: try await stores.labels(of: cycle.snapshot),
                patternLimit: .onThread)
            let scores = try zip(answers, asked).compactMap { answer, example in
                try scorer.score(metric, output: answer, expected: example.expected, choices: plan.candidate.choices)
            }
            guard Double(asked.count - scores.count) <= MissingTally.usualLimit * Double(asked.count) else {
                return try await fail(
                    job, code: "metric.unknown",
                    message: "\(asked.count - scores.count) of \(asked.count) answers could not be scored by "
                        + "\(metric.title): the search was given up")
            }
            try await stores.finishTrial(
                job.id, score: scores.reduce(0, +) / Double(max(1, scores.count)), answers: asked.count,
                seconds: seconds)
            return .scored
        case .cancelled: return .cancelled
        case .failed(let code, let message, let isTransient):
            if isTransient, item.attempt < item.maximumAttempts {
                throw FledgeError(.init(rawValue: code), message, exitCode: .tryAgain)
            }
            return try await fail(job, code: code, message: message)
        }
    }

    /// Notes that a trial was cancelled. A daemon that dies before is told so once more by the executor.
    func settleCancelled(_ trial: OpenTrial) async throws {
        try await jobs.stores.finishJob(
            trial.job.id, state: .cancelled, adapter: nil, error: TrainingJobRunner.cancelled)
    }

    private func fail(_ job: TrainingJob, code: String, message: String) async throws -> Ending {
        try await jobs.stores.finishJob(
            job.id, state: .failed, adapter: nil, error: FledgeError(.init(rawValue: code), message))
        return .failed(code: code, message: message)
    }
}

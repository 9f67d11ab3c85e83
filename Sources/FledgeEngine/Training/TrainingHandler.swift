import FledgeCore
import FledgeDocument

/// Trains an adapter. The job's intent is stored first, then the job is submitted to the executor, and what it made
/// passes checks before a gate may evaluate it.
package struct TrainingHandler: WorkHandler {
    private let stores:
        any CycleStore & WorkQueue & ExperimentStore & DecisionStore & TrainingStore & TuningStore & StatusStore
            & AllotmentStore & JobSettling
    private let models: ServerDirectory
    private let catalog: any ModelCatalog
    private let artifacts: any ArtifactStore
    private let executor: any TrainingExecutor
    private let pollInterval: Duration
    private let clock: any Clock<Duration>

    package init(
        stores: any CycleStore & WorkQueue & ExperimentStore & DecisionStore & TrainingStore & TuningStore & StatusStore
            & AllotmentStore & JobSettling, models: ServerDirectory, catalog: any ModelCatalog,
        artifacts: any ArtifactStore,
        executor: any TrainingExecutor, pollInterval: Duration = .seconds(1),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.stores = stores
        self.models = models
        self.catalog = catalog
        self.artifacts = artifacts
        self.executor = executor
        self.pollInterval = pollInterval
        self.clock = clock
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .train(let attempt)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.workableCycle(id)
        let outcome = try await train(attempt, of: cycle, item)
        // Where a prompt has passed its gate, the training was only to save money: without an adapter, the cycle goes
        // on with the prompt. A training that a person cancelled waits for a person instead.
        guard case .event(.trainingFailed(let code, _)) = outcome, code != Self.cancelled,
            let gate = try await stores.gates(of: id).last(where: { $0.verdict == .passed })
        else { return outcome }
        return .event(.earlierPromoted(gate.candidate))
    }

    private static let cancelled = FledgeError.Code.trainingCancelled.rawValue

    /// Whether the error says that the adapter itself is unsound, so that checking it again would give the same.
    private static func isAdaptersFault(_ error: FledgeError) -> Bool {
        // A file that can't be read says nothing about the adapter.
        error.code != .adapterUnreadable && error.code.rawValue.hasPrefix("adapter.") || error.code == .badOutput
    }

    private func train(_ attempt: Int, of cycle: Cycle, _ item: WorkItem) async throws -> WorkOutcome {
        let runner = TrainingJobRunner(
            stores: stores, executor: executor, pollInterval: pollInterval, clock: clock)
        try await runner.endAttempts(before: attempt, of: cycle.id, purpose: .final)
        let plan = try await TeacherRunner(stores: stores, models: models)
            .teach(TrainingPlan(cycle: cycle, stores: stores, catalog: catalog), of: cycle)
        var lora = plan.fineTune.lora
        if let sweep = plan.fineTune.sweep {
            let sweeper = SweepRunner(trials: TrialRunner(jobs: runner))
            switch try await sweeper.choose(sweep, plan: plan, cycle: cycle, attempt: attempt, item: item) {
            case .chosen(let best, adapter: nil): lora = best
            case .chosen(_, adapter: let trial?): return try await accept(trial, plan: plan, runner, item)
            case .failed(let code, let message): return .event(.trainingFailed(code: code, message: message))
            }
        }
        let specification = plan.specification(lora: lora)
        let fingerprint = TrainingPlan.fingerprint(of: specification)
        let intent = "\(cycle.definition.name)-cycle\(cycle.number)-training\(attempt)-\(fingerprint.short)"
        var job = try await stores.openJob(cycle: cycle.id, attempt: attempt, intent: intent, executor: executor.name)
        if job.state == .failed, let code = job.errorCode, CycleState.Block.goldenChecks.contains(code) {
            // A retry, without training: the adapter is converted and asked again. Should this daemon die in between, the next
            // one finds the job as it was, or running.
            try await runner.answerAgain(job, specification, for: item)
            try await stores.reopenJob(job.id)
            job.state = .running
        }
        switch try await runner.run(&job, specification, for: item) {
        case .running: throw FledgeError("training.lost", "the job is still running")
        case .finished(let directory, let goldenAnswers, let baseAnswers, _, _, let scores):
            let made = TrainedAdapter(
                directory: directory, goldenAnswers: goldenAnswers, baseAnswers: baseAnswers, scores: scores,
                job: job.id, specification: specification)
            do {
                let (facts, golden) = try await check(made, plan: plan)
                if let problem = golden.problem(of: job.id) {
                    try await stores.finishJob(job.id, state: .failed, adapter: facts.digest, error: problem)
                    return .event(.trainingFailed(code: problem.code.rawValue, message: problem.message))
                }
                try await stores.finishJob(job.id, state: .finished, adapter: facts.digest, error: nil)
                return .event(.trainingFinished(try await registered(facts, plan: plan)))
            } catch let error as FledgeError where Self.isAdaptersFault(error) {
                try await stores.finishJob(job.id, state: .failed, adapter: nil, error: error)
                return .event(.trainingFailed(code: error.code.rawValue, message: error.message))
            }
        case .cancelled:
            try await stores.finishJob(
                job.id, state: .cancelled, adapter: nil,
                error: FledgeError(.init(rawValue: Self.cancelled), "the training job was cancelled"))
            return .event(.trainingFailed(code: Self.cancelled, message: "the training job was cancelled"))
        case .failed(let code, let message, let isTransient):
            if isTransient, item.attempt < item.maximumAttempts {
                throw FledgeError(.init(rawValue: code), message, exitCode: .tryAgain)
            }
            try await stores.finishJob(
                job.id, state: .failed, adapter: nil, error: FledgeError(.init(rawValue: code), message))
            return .event(.trainingFailed(code: code, message: message))
        }
    }

    /// Takes the adapter of a trial that has learnt from everything already.
    private func accept(
        _ trial: SweepRunner.TrainedTrial, plan: TrainingPlan, _ runner: TrainingJobRunner, _ item: WorkItem
    ) async throws -> WorkOutcome {
        var job = trial.job
        if try await stores.golden(of: job.id)?.problem(of: job.id) != nil {
            try await runner.answerAgain(job, trial.specification, for: item)
        }
        let state = try await runner.run(&job, trial.specification, for: item)
        guard case .finished(let directory, let answers, let baseAnswers, _, _, let scores) = state else {
            return .event(
                .trainingFailed(code: "training.lost", message: "the best trial's adapter is not there any more"))
        }
        let made = TrainedAdapter(
            directory: directory, goldenAnswers: Array(answers.prefix(TrainingPlan.goldenLimit)),
            baseAnswers: baseAnswers, scores: scores, job: trial.job.id, specification: trial.specification)
        do {
            let (facts, golden) = try await check(made, plan: plan)
            if let problem = golden.problem(of: trial.job.id) {
                return .event(.trainingFailed(code: problem.code.rawValue, message: problem.message))
            }
            try await stores.keepAdapter(facts.digest, of: trial.job.id)
            return .event(.trainingFinished(try await registered(facts, plan: plan)))
        } catch let error as FledgeError where Self.isAdaptersFault(error) {
            return .event(.trainingFailed(code: error.code.rawValue, message: error.message))
        }
    }

    /// What a finished job made, and what it was asked.
    private struct TrainedAdapter {
        var directory: String
        var goldenAnswers: [String]
        var baseAnswers: [String]?
        var scores: GoldenScores?
        var job: TrainingJobID
        var specification: TrainingSpec
    }

    /// Takes the adapter into the store, loads it, and compares the served answers with the trainer's.
    ///
    /// - Throws: a code `adapter.…` for a folder that holds no sound adapter.
    private func check(
        _ made: TrainedAdapter, plan: TrainingPlan
    ) async throws -> (facts: AdapterFacts, golden: GoldenCheck) {
        try await stores.setPhase(.comparing, of: made.job)
        let specification = made.specification
        let facts = try await artifacts.store(
            adapterAt: made.directory,
            expecting: ExpectedAdapter(
                rank: specification.lora.rank, alpha: specification.lora.alpha,
                baseSHA256: specification.baseWeights.sha256))
        let candidate = tuned(facts, plan: plan)
        let server = try await models.server(for: plan.model, adapter: facts.digest)
        let golden = try await GoldenComparison.run(
            specification.golden, trained: made.goldenAnswers, trainedBase: made.baseAnswers,
            scores: made.scores, candidate: candidate, server: server)
        try await stores.storeAdapter(facts, job: made.job, base: specification.baseWeights.sha256, golden: golden)
        return (facts, golden)
    }

    private func tuned(_ facts: AdapterFacts, plan: TrainingPlan) -> Candidate {
        var candidate = plan.candidate
        candidate.adapter = facts.digest
        candidate.name = "\(plan.candidate.name)+lora"
        return candidate
    }

    /// The candidate becomes known with its first experiment; the gate is next and needs to find it.
    private func registered(_ facts: AdapterFacts, plan: TrainingPlan) async throws -> CandidateID {
        let candidate = tuned(facts, plan: plan)
        try await stores.register(candidate)
        return candidate.id
    }
}

extension FledgeError.Code {
    /// The error for a trainer whose files are not what a sound training leaves.
    package static let badOutput: FledgeError.Code = "training.bad_output"
}

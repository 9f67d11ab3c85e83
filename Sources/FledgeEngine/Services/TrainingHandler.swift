import FledgeCore
import FledgeDocument

/// Trains an adapter: intent first, then the executor, then the checks that let it near a gate.
package struct TrainingHandler: WorkHandler {
    private let stores: any Stores
    private let models: ServerDirectory
    private let catalog: any ModelCatalog
    private let artifacts: any ArtifactStore
    private let executor: any Executor
    private let pollInterval: Duration

    package init(
        stores: any Stores, models: ServerDirectory, catalog: any ModelCatalog, artifacts: any ArtifactStore,
        executor: any Executor, pollInterval: Duration = .seconds(1)
    ) {
        self.stores = stores
        self.models = models
        self.catalog = catalog
        self.artifacts = artifacts
        self.executor = executor
        self.pollInterval = pollInterval
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard case .train(let attempt)? = item.action, let id = item.cycle else { return .finished }
        let cycle = try await stores.cycle(id)
        let plan = try await TrainingPlan(cycle: cycle, stores: stores, catalog: catalog)
        let intent = "\(cycle.definition.name)-cycle\(cycle.number)-training\(attempt)-\(plan.fingerprint.short)"
        var job = try await stores.openJob(cycle: id, attempt: attempt, intent: intent, executor: executor.name)
        while true {
            let external = try await submitted(job, plan: plan)
            job.externalID = external
            let update = try await follow(&job, external: external)
            switch update.state {
            case .running: continue
            case .finished(let directory, let goldenAnswers, _, _):
                return try await accept(directory, goldenAnswers: goldenAnswers, job: job, plan: plan, cycle: cycle)
            case .cancelled:
                try await stores.finishJob(
                    job.id, state: .cancelled, adapter: nil,
                    error: FledgeError("training.cancelled", "the training job was cancelled"))
                return .event(.trainingFailed(code: "training.cancelled", message: "the training job was cancelled"))
            case .failed(let code, let message, let isTransient):
                if isTransient, item.attempt < item.maximumAttempts {
                    throw FledgeError(.init(rawValue: code), message, exitCode: .tryAgain)
                }
                try await stores.finishJob(
                    job.id, state: .failed, adapter: nil, error: FledgeError(.init(rawValue: code), message))
                return .event(.trainingFailed(code: code, message: message))
            }
        }
    }

    /// The job's external id: known, found under the intent's name, or from a new submission.
    private func submitted(_ job: TrainingJob, plan: TrainingPlan) async throws -> String {
        if let external = try await executor.find(intent: job.intent) {
            if job.externalID != external { try await stores.recordSubmission(job.id, externalID: external) }
            return external
        }
        let external = try await executor.submit(plan.specification, intent: job.intent)
        try await stores.recordSubmission(job.id, externalID: external)
        return external
    }

    private func follow(_ job: inout TrainingJob, external: String) async throws -> TrainingUpdate {
        do {
            while true {
                let update = try await executor.poll(external, from: job.offset)
                if update.offset != job.offset || !update.points.isEmpty {
                    try await stores.record(update, job: job.id)
                }
                job.offset = update.offset
                guard case .running = update.state else { return update }
                try await Task.sleep(for: pollInterval)
            }
        } catch is CancellationError {
            // A person's cancellation stops the job; a daemon that goes away leaves it running, to be found again.
            let stores = stores, cycle = job.cycle, executor = executor
            await Task {
                if let state = try? await stores.cycle(cycle).state,
                    state.block?.code == "cancelled" || state.stage == .retired
                {
                    try? await executor.cancel(external)
                }
            }.value
            throw CancellationError()
        }
    }

    /// Takes the adapter into the store, loads it, and compares the served answers with the trainer's.
    private func accept(
        _ directory: String, goldenAnswers: [String], job: TrainingJob, plan: TrainingPlan, cycle: Cycle
    ) async throws -> WorkOutcome {
        do {
            let facts = try await artifacts.store(
                adapterAt: directory,
                expecting: ExpectedAdapter(
                    rank: plan.specification.lora.rank, alpha: plan.specification.lora.alpha,
                    baseSHA256: plan.specification.baseWeights.sha256))
            var candidate = plan.candidate
            candidate.adapter = facts.digest
            candidate.name = "\(plan.candidate.name)+lora"
            let server = try await models.server(for: plan.model, adapter: facts.digest)
            let golden = try await GoldenComparison.run(
                plan.specification.golden, trainerAnswers: goldenAnswers, candidate: candidate, server: server)
            try await stores.storeAdapter(
                facts, job: job.id, base: plan.specification.baseWeights.sha256, golden: golden)
            try GoldenComparison.check(golden)
            try await stores.finishJob(job.id, state: .finished, adapter: facts.digest, error: nil)
            // The candidate becomes known with its first experiment; the gate is next and needs to find it.
            try await stores.register(candidate)
            return .event(.trainingFinished(candidate.id))
        } catch let error as FledgeError where error.code.rawValue.hasPrefix("adapter.") {
            try await stores.finishJob(job.id, state: .failed, adapter: nil, error: error)
            return .event(.trainingFailed(code: error.code.rawValue, message: error.message))
        }
    }
}

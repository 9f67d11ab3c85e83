import FledgeCore

/// Sees one training job through: found under its intent's name or submitted, and followed to its end.
struct TrainingJobRunner: Sendable {
    let stores: any Stores
    let executor: any Executor
    let pollInterval: Duration

    /// - Parameter job: gets its external id.
    /// - Returns: how the job ended; never `running`.
    func run(_ job: inout TrainingJob, _ specification: TrainingSpec) async throws -> TrainingUpdate.State {
        while true {
            let external = try await submitted(job, specification)
            job.externalID = external
            let state = try await EngineTracing.training(job, executor: executor.name) {
                try await follow(&job, external: external)
            }
            if case .running = state { continue }
            return state
        }
    }

    /// The job's external id: known, found under the intent's name, or from a new submission.
    private func submitted(_ job: TrainingJob, _ specification: TrainingSpec) async throws -> String {
        if let external = try await executor.find(intent: job.intent) {
            if job.externalID != external { try await stores.recordSubmission(job.id, externalID: external) }
            return external
        }
        CrashPoint.beforeSubmission.reached()
        let external = try await executor.submit(specification, intent: job.intent)
        CrashPoint.jobAccepted.reached()
        try await stores.recordSubmission(job.id, externalID: external)
        return external
    }

    private func follow(_ job: inout TrainingJob, external: String) async throws -> TrainingUpdate.State {
        do {
            while true {
                let update = try await executor.poll(external, from: job.offset)
                if update.offset != job.offset || !update.points.isEmpty {
                    try await stores.record(update, job: job.id)
                    EngineMetrics.trainingTold(update, executor: executor.name)
                }
                job.offset = update.offset
                guard case .running = update.state else { return update.state }
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
}

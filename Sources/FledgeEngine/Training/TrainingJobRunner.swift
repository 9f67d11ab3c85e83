import FledgeCore

/// Runs one training job to its end: looks it up at the executor by its intent's name, submits it where it is not
/// there, and follows it.
struct TrainingJobRunner: Sendable {
    let stores: any CycleStore & WorkQueue & TrainingStore & TuningStore & AllotmentStore & JobSettling
    let executor: any TrainingExecutor
    let pollInterval: Duration
    /// The clock by which the job's place at the executor is renewed.
    var clock: any Clock<Duration> = ContinuousClock()

    /// - Parameters:
    ///   - job: gets its external id.
    ///   - item: the work that the job is part of.
    /// - Returns: how the job ended; never `running`.
    /// - Throws: `executor.full` when the executor has no place for it yet; `training.unknown` when nobody can tell whether
    ///   the executor has it.
    func run(
        _ job: inout TrainingJob, _ specification: TrainingSpec, for item: WorkItem
    ) async throws -> TrainingUpdate.State {
        if job.state == .failed, job.externalID == nil {
            return .failed(
                code: "training.settled_failed", message: "a person settled the job as failed", isTransient: false)
        }
        let place = try await takePlace(for: job, of: item)
        let state: TrainingUpdate.State
        do {
            state = try await Self.keeping(place) { try await followed(&job, specification, for: item) }
        } catch let error where error is CancellationError || Task.isCancelled {
            let left = job
            await Task { await giveUpIfCancelled(left) }.value
            throw CancellationError()
        }
        if let place { try await stores.giveUp(place.limit.resource, of: job.intent) }
        return state
    }

    /// Submits the job where the executor doesn't have it, and follows it to its end.
    private func followed(
        _ job: inout TrainingJob, _ specification: TrainingSpec, for item: WorkItem
    ) async throws -> TrainingUpdate.State {
        while true {
            let external = try await submitted(job, specification, for: item)
            job.externalID = external
            let state = try await EngineTracing.training(job, executor: executor.name) {
                try await follow(&job, external: external)
            }
            if case .running = state { continue }
            return state
        }
    }

    /// Has a job that ended convert its adapter and answer again, in a place of its own like any other.
    ///
    /// - Throws: `executor.full`.
    func answerAgain(_ job: TrainingJob, _ specification: TrainingSpec, for item: WorkItem) async throws {
        var newcomer = job
        newcomer.externalID = nil
        let place = try await takePlace(for: newcomer, of: item)
        try await Self.keeping(place) { try await executor.answerAgain(specification, intent: job.intent) }
    }

    /// Ends a job whose result nobody waits for any longer, and gives its place up. One that has failed is noted as failed;
    /// the executor is asked to stop any other, as far as it has it.
    func giveUp(_ job: TrainingJob) async throws {
        var ending = (state: TrainingJobState.cancelled, error: Self.cancelled)
        if let external = (try? await executor.find(intent: job.intent)) ?? job.externalID {
            let state = try? await executor.poll(external, from: job.offset).state
            if case .failed(let code, let message, _)? = state {
                ending = (.failed, FledgeError(.init(rawValue: code), message))
            } else {
                try? await executor.cancel(external)
            }
        } else {
            // One that is only being started can't be found yet, and looks for a cancellation before it begins.
            try? await executor.cancel(job.intent)
        }
        if let limit = executor.limit { try await stores.giveUp(limit.resource, of: job.intent) }
        try await stores.finishJob(job.id, state: ending.state, adapter: nil, error: ending.error)
    }

    /// Ends the jobs of attempts that were given up: they may run on, unfollowed, and nobody waits for them any longer.
    func endAttempts(before attempt: Int, of cycle: CycleID, purpose: TrainingPurpose) async throws {
        for job in try await stores.openJobs(of: cycle, purpose: purpose, before: attempt) { try await giveUp(job) }
    }

    static let cancelled = FledgeError("training.cancelled", "the training job was cancelled")

    private static func keeping<Value: Sendable>(
        _ place: HeldPlace?, _ body: () async throws -> Value
    ) async throws -> Value {
        guard let place else { return try await body() }
        return try await place.during(body)
    }

    /// - Returns: nil for an executor that takes as many as come.
    private func takePlace(for job: TrainingJob, of item: WorkItem) async throws -> HeldPlace? {
        guard let limit = executor.limit else { return nil }
        // Longer than the lease of the work that follows the job: who takes that work over finds the job's place kept.
        let place = HeldPlace(
            store: stores, limit: limit, holder: job.intent, lease: max(.seconds(60), item.leaseLength * 2),
            clock: clock)
        if job.externalID != nil {
            // The job runs at the executor already.
            try await place.keep()
            return place
        }
        let isIn = try await stores.takePlace(
            limit.resource, by: job.intent, limit: limit.places, lease: place.lease)
        guard isIn else {
            try await stores.setPhase(.waiting, of: job.id)
            throw FledgeError(
                .executorFull, "all \(limit.places) places of the executor \(executor.name) are taken",
                hint: "fledge jobs shows by what; it is tried again", exitCode: .tryAgain)
        }
        return place
    }

    /// The job's external id: known, found under the intent's name, or from a new submission.
    private func submitted(
        _ job: TrainingJob, _ specification: TrainingSpec, for item: WorkItem
    ) async throws -> String {
        do {
            if let external = try await executor.find(intent: job.intent) {
                if job.externalID != external { try await stores.recordSubmission(job.id, externalID: external) }
                return external
            }
        } catch let error as FledgeError where error.code == .executorCannotLookUp {
            if let external = job.externalID { return external }
            guard !job.wasSent else {
                try await stores.markUnknown(job.id)
                throw FledgeError(
                    .init(rawValue: CycleState.Block.unknownJob),
                    "nobody can tell whether the executor \(executor.name) has job \(job.id) (\(job.intent)): look there, and "
                        + "say it with fledge jobs settle \(job.id) --as not-submitted, running or failed",
                    hint: "fledge jobs settle --help", exitCode: .badData)
            }
        }
        // A daemon that was held up since it looked the job up may not be the only one that wants to submit it any more. What
        // the database has just confirmed holds until the term is over; only the executor itself can refuse what a daemon
        // sends that is held up later still, between the clock's answer and the first byte.
        let term = LeaseTerm(length: item.leaseLength, asked: .now)
        guard try await stores.renew(item.lease, for: item.leaseLength) else { throw CancellationError() }
        // From here on the executor may have the job, whatever happens to this daemon.
        try await stores.markSent(job.id)
        try await stores.setPhase(.preparing, of: job.id)
        CrashPoint.beforeSubmission.reached()
        guard !term.isOver(at: .now) else { throw CancellationError() }
        let external = try await executor.submit(specification, intent: job.intent)
        CrashPoint.jobAccepted.reached()
        try await stores.recordSubmission(job.id, externalID: external)
        return external
    }

    private func follow(_ job: inout TrainingJob, external: String) async throws -> TrainingUpdate.State {
        while true {
            let update = try await executor.poll(external, from: job.offset)
            if update.offset != job.offset || !update.points.isEmpty || update.phase != nil {
                try await stores.record(update, job: job.id)
                EngineMetrics.trainingTold(update, executor: executor.name)
            }
            job.offset = update.offset
            guard case .running = update.state else { return update.state }
            try await Task.sleep(for: pollInterval)
        }
    }

    /// A person's cancellation ends the job; a daemon that goes away leaves it running, to be found again.
    private func giveUpIfCancelled(_ job: TrainingJob) async {
        guard let state = try? await stores.cycle(job.cycle).state, state.hasGivenUpWork else { return }
        // What the database does not hear of now is noted by the next attempt.
        try? await giveUp(job)
    }
}

import FledgeCore

/// Runs the trials of a sweep or a pilot side by side, as many as the executor has room for. Each is a training job with an
/// intent of its own.
struct TrialCrew: Sendable {
    let trials: TrialRunner
    let plan: TrainingPlan
    let data: TuningData
    let cycle: Cycle
    let item: WorkItem
    let purpose: TrainingPurpose
    /// The attempt at training, or the look before the decision that asked for a pilot.
    let attempt: Int

    /// Trials at once where the executor takes as many jobs as come.
    private static let usualPlaces = 4
    /// When a place is looked for again that another use case had.
    private static let pause = Duration.seconds(5)

    private enum Signal: Sendable {
        case ended(OpenTrial, TrialRunner.Ending)
        case full(OpenTrial, FledgeError)
        case look
    }

    /// Takes up the trials that are under way, and begins others until there is none to begin.
    ///
    /// Who finds all places of the executor taken waits until one of the others ends or a pause is over, and they go on with
    /// fewer. While a daemon of a version is there that knows one trial at a time, no second one is begun.
    ///
    /// - Parameters:
    ///   - stopsAtCancellation: whether one trial that was cancelled ends all of them.
    ///   - next: the run to begin, after the results of those that have ended, beside the runs that are under way, of which so
    ///     many may be at once: 4 where the executor has no limit. Nil for none at present.
    /// - Returns: how the last one ended that was not scored; nil where all were.
    /// - Throws: `executor.full` when none of the trials has a place; the code of a failure that another try may mend. The
    ///   other trials are then let go: their jobs run on, and are found again by the next attempt at the work.
    func work(
        stopsAtCancellation: Bool, next: @Sendable ([TrialResult], [TrialRun], Int) -> TrialRun?
    ) async throws -> TrialRunner.Ending? {
        let places = max(1, trials.jobs.executor.limit?.places ?? Self.usualPlaces)
        try await trials.jobs.endAttempts(before: attempt, of: cycle.id, purpose: purpose)
        var results = try await ended()
        let begun = try await trials.jobs.stores.trialsBegun(of: cycle.id, purpose: purpose, attempt: attempt)
        var roster = TrialRoster(try await opened(), begun: begun, places: places)
        var last: TrialRunner.Ending?
        var cancelled: OpenTrial?
        try await withThrowingTaskGroup(of: Signal.self) { group in
            var isLooking = false
            while true {
                while roster.hasRoom {
                    if !roster.running.isEmpty, try await trials.jobs.stores.hasDaemonOfOneTrial() { break }
                    var another = roster.takeUp()
                    if another == nil, let run = next(results, roster.running.map(\.run), places) {
                        another = try await begin(run, roster.nextNumber)
                    }
                    guard let trial = another else { break }
                    roster.start(trial)
                    group.addTask { try await follow(trial) }
                }
                guard !roster.running.isEmpty, let signal = try await group.next() else { break }
                switch signal {
                case .ended(let trial, let ending):
                    roster.end(trial)
                    if case .scored = ending {} else { last = ending }
                    if case .cancelled = ending {
                        if stopsAtCancellation {
                            cancelled = trial
                            group.cancelAll()
                            return
                        }
                        try await trials.settleCancelled(trial)
                    }
                    results = try await ended()
                case .full(let trial, let error):
                    roster.putBack(trial)
                    if roster.running.isEmpty { throw error }
                case .look:
                    isLooking = false
                    roster.widen()
                }
                if roster.isNarrowed, !isLooking {
                    isLooking = true
                    group.addTask {
                        try await Task.sleep(for: Self.pause)
                        return .look
                    }
                }
            }
            group.cancelAll()
        }
        if let cancelled {
            // That one last: until it is noted, whoever goes on after a crash is told that it was cancelled.
            for trial in try await opened() where trial.job.id != cancelled.job.id {
                try await trials.jobs.giveUp(trial.job)
            }
            try await trials.settleCancelled(cancelled)
        }
        return last
    }

    private func opened() async throws -> [OpenTrial] {
        try await trials.jobs.stores.openTrials(of: cycle.id, purpose: purpose, attempt: attempt)
    }

    private func ended() async throws -> [TrialResult] {
        try await trials.jobs.stores.trialResults(of: cycle.id, purpose: purpose, attempt: attempt)
    }

    private func begin(_ run: TrialRun, _ number: Int) async throws -> OpenTrial {
        let place = TrialPlace(cycle: cycle.id, attempt: attempt, purpose: purpose, number: number)
        return try await trials.open(run, at: place, plan: plan, data: data, cycle: cycle)
    }

    private func follow(_ trial: OpenTrial) async throws -> Signal {
        do {
            return .ended(trial, try await trials.run(trial, plan: plan, data: data, cycle: cycle, item: item))
        } catch let error as FledgeError where error.code == .executorFull {
            return .full(trial, error)
        }
    }
}

import FledgeCore
import FledgeEngine

/// What the engine relies on when it trains, whatever the executor is. Each implementation's tests try every promise
/// that they can make a scene for:
///
/// ```swift
/// @Test("the executor keeps what the engine relies on", arguments: TrainingExecutorPromise.allCases)
/// func conforms(promise: TrainingExecutorPromise) async throws {
///     #expect(await promise.breach(in: scene(promise.behaviour)) == nil)
/// }
/// ```
package enum TrainingExecutorPromise: String, Sendable, CaseIterable, CustomStringConvertible {
    case saysWhatItBears = "its name and its limit are the same after a restart, and leave room for a job"
    case tellsUnknown =
        "a job that was never submitted is neither found nor told as ended, also once it was asked to stop"
    case startsOnce = "a job that is submitted again, at the same moment or after its end, is one job and trains once"
    case isFoundAgain = "a job under way is found by a daemon that knows nothing but its intent"
    case tellsItsCourseOnce = "what a job says comes in order and once, and again for whoever asks from the beginning"
    case leavesAnAdapter =
        "what a finished job made and answered is there as often as it is asked for, and can be stored"
    case answersAgain = "a finished job answers again without training"
    case goesOnAfterStop = "a job that has stopped and may go on does so when it is submitted again"
    case goesOnAfterDeath = "a job that was ended from outside goes on when it is submitted again"
    case staysFailed = "a job that failed for good is found and stays failed, also once it is asked to stop"
    case stopsWhenAsked = "a job that is asked to stop, once or twice, is cancelled, and no submission begins it again"
    case staysFinished = "a job that has finished is found and stays finished, also once it is asked to stop"
    case startsWhollyOrNot = "a submission whose caller was cancelled has started the job or not, and it trains once"

    package var description: String { rawValue }

    /// What jobs have to do for the promise to show.
    package var behaviour: TrainingExecutorScene.Behaviour {
        switch self {
        case .isFoundAgain, .stopsWhenAsked: .goesOn
        case .staysFailed: .fails
        case .goesOnAfterStop: .stopsOnce
        case .goesOnAfterDeath: .diesOnce
        case .saysWhatItBears, .tellsUnknown, .startsOnce, .tellsItsCourseOnce, .leavesAnAdapter, .answersAgain,
            .staysFinished, .startsWhollyOrNot:
            .finishes
        }
    }

    /// - Parameter scene: a new one, in which nothing was submitted yet.
    /// - Returns: how the promise is broken; nil where it is kept.
    package func breach(in scene: TrainingExecutorScene) async -> String? {
        do {
            switch self {
            case .saysWhatItBears: try scene.saysWhatItBears()
            case .tellsUnknown: try await scene.tellsUnknown()
            case .startsOnce: try await scene.startsOnce()
            case .isFoundAgain: try await scene.isFoundAgain()
            case .tellsItsCourseOnce: try await scene.tellsItsCourseOnce()
            case .leavesAnAdapter: try await scene.leavesAnAdapter()
            case .answersAgain: try await scene.answersAgain()
            case .goesOnAfterStop, .goesOnAfterDeath: try await scene.goesOn()
            case .staysFailed: try await scene.staysFailed()
            case .stopsWhenAsked: try await scene.stopsWhenAsked()
            case .staysFinished: try await scene.staysFinished()
            case .startsWhollyOrNot: try await scene.startsWhollyOrNot()
            }
            return nil
        } catch let breach as TrainingExecutorBreach {
            return breach.description
        } catch {
            return "it throws \(error)"
        }
    }
}

extension TrainingExecutorScene {
    private static func require(_ condition: Bool, _ breach: @autoclosure () -> String) throws {
        if !condition { throw TrainingExecutorBreach(breach()) }
    }

    private func submit(to executor: any TrainingExecutor) async throws -> String {
        try await executor.submit(specification, intent: Self.intent)
    }

    /// A job that was submitted and has finished.
    private func finished() async throws -> FollowedJob {
        var job = FollowedJob(executor, try await submit(to: executor))
        try await job.untilEnd()
        try Self.requireFinished(job)
        return job
    }

    @discardableResult
    private static func requireFinished(_ job: FollowedJob) throws -> (folder: String, answers: Int, base: Int?) {
        guard case .finished(let folder, let answers, let base, _, _, _) = job.state else {
            throw TrainingExecutorBreach("the job ends as \(job.state), and said \(job.log)")
        }
        return (folder, answers.count, base?.count)
    }

    private func requireTrainedOnce() throws {
        let times = try begun()
        try Self.require(times == 1, "it was trained \(times) times")
    }

    /// What a daemon that was started anew is told of the job.
    private func requireFound(_ job: FollowedJob) async throws {
        let found = try await restarted.find(intent: Self.intent)
        try Self.require(found == job.id, "it finds \(found ?? "nothing")")
        var again = FollowedJob(restarted, job.id)
        try await again.untilEnd()
        try Self.require(again.state == job.state, "it ended as \(job.state), and is told as \(again.state)")
    }

    fileprivate func saysWhatItBears() throws {
        try Self.require(
            !executor.name.isEmpty && executor.name == restarted.name,
            "it is called \"\(executor.name)\", and then \"\(restarted.name)\"")
        let hasRoom = executor.limit.map { $0.places >= 1 && !$0.resource.isEmpty } ?? true
        try Self.require(
            executor.limit == restarted.limit && hasRoom,
            "its limit is \(executor.limit as Any), and then \(restarted.limit as Any)")
    }

    fileprivate func tellsUnknown() async throws {
        for _ in 1...2 {
            let found = try await executor.find(intent: Self.intent)
            try Self.require(found == nil, "it finds \(found ?? "")")
            var told: TrainingUpdate?
            do { told = try await executor.poll(Self.intent, from: 0) } catch is FledgeError {}
            try Self.require(told == nil, "it is told as \(told?.state as Any)")
            do { try await executor.cancel(Self.intent) } catch is FledgeError {}
        }
    }

    fileprivate func startsOnce() async throws {
        async let one = submit(to: executor)
        async let other = submit(to: restarted)
        let (id, same) = (try await one, try await other)
        try Self.require(id == same, "it is \(id) and \(same)")
        var job = FollowedJob(executor, id)
        try await job.untilEnd()
        try Self.requireFinished(job)
        let later = try await submit(to: restarted)
        try Self.require(later == id, "it was \(id), and is \(later)")
        try await job.untilEnd()
        try Self.requireFinished(job)
        try requireTrainedOnce()
    }

    fileprivate func isFoundAgain() async throws {
        let id = try await submit(to: executor)
        let found = try await restarted.find(intent: Self.intent)
        try Self.require(found == id, "it finds \(found ?? "nothing")")
        let state = try await restarted.poll(id, from: 0).state
        try Self.require(state == .running, "it is told as \(state)")
    }

    fileprivate func tellsItsCourseOnce() async throws {
        let job = try await finished()
        let steps = job.points.map(\.step)
        try Self.require(zip(steps, steps.dropFirst()).allSatisfy(<), "it tells of the steps \(steps)")
        let rest = try await executor.poll(job.id, from: job.offset)
        try Self.require(
            rest.points.isEmpty && rest.log.isEmpty && rest.offset == job.offset && rest.state == job.state,
            "once it has told everything it says \(rest)")
        var again = FollowedJob(restarted, job.id)
        try await again.untilEnd()
        try Self.require(
            again.points == job.points && again.log == job.log && again.state == job.state,
            "it said \(job.points) and \(job.log), and again \(again.points) and \(again.log)")
    }

    fileprivate func leavesAnAdapter() async throws {
        let job = try await finished()
        let made = try Self.requireFinished(job)
        try Self.require(
            made.answers == specification.golden.count,
            "it gives \(made.answers) answers to \(specification.golden.count) prompts")
        try Self.require(
            made.base == nil || made.base == specification.basePrompts,
            "the base gives \(made.base ?? 0) answers to \(specification.basePrompts ?? 0) prompts")
        let facts = try await artifacts.store(adapterAt: made.folder, expecting: expected)
        try await requireFound(job)
        let again = try await artifacts.store(adapterAt: made.folder, expecting: expected)
        try Self.require(facts == again, "its adapter is \(facts), and then \(again)")
    }

    fileprivate func answersAgain() async throws {
        var job = try await finished()
        let told = job.points
        try await restarted.answerAgain(specification, intent: Self.intent)
        try await job.untilEnd()
        let made = try Self.requireFinished(job)
        try Self.require(
            made.answers == specification.golden.count,
            "it gives \(made.answers) answers to \(specification.golden.count) prompts")
        try Self.require(job.points == told, "it trains again: \(job.points)")
        _ = try await artifacts.store(adapterAt: made.folder, expecting: expected)
        try requireTrainedOnce()
    }

    fileprivate func goesOn() async throws {
        let id = try await submit(to: executor)
        var job = FollowedJob(executor, id)
        try await job.untilEnd()
        guard case .failed(let code, _, isTransient: true) = job.state, !code.isEmpty else {
            throw TrainingExecutorBreach("it ends as \(job.state)")
        }
        if try await restarted.find(intent: Self.intent) == nil { _ = try await submit(to: restarted) }
        let found = try await restarted.find(intent: Self.intent)
        try Self.require(found == id, "it was \(id), and is \(found ?? "not there")")
        try await job.untilEnd()
        try Self.requireFinished(job)
    }

    fileprivate func staysFailed() async throws {
        let id = try await submit(to: executor)
        var job = FollowedJob(executor, id)
        try await job.untilEnd()
        guard case .failed(let code, _, isTransient: false) = job.state, !code.isEmpty else {
            throw TrainingExecutorBreach("it ends as \(job.state)")
        }
        try await requireFound(job)
        try await executor.cancel(id)
        try await requireFound(job)
        try requireTrainedOnce()
    }

    fileprivate func stopsWhenAsked() async throws {
        let id = try await submit(to: executor)
        var job = FollowedJob(executor, id)
        for asked in [executor, restarted] { try await asked.cancel(id) }
        try await job.untilEnd()
        try Self.require(job.state == .cancelled, "it ends as \(job.state)")
        try await requireFound(job)
        let before = try begun()
        let again = try await submit(to: restarted)
        try Self.require(again == id, "it was \(id), and is \(again)")
        try await job.untilEnd()
        let after = try begun()
        try Self.require(job.state == .cancelled && after == before, "submitted again, it goes on as \(job.state)")
    }

    fileprivate func staysFinished() async throws {
        let job = try await finished()
        try await requireFound(job)
        for asked in [executor, restarted] { try await asked.cancel(job.id) }
        try await requireFound(job)
    }

    fileprivate func startsWhollyOrNot() async throws {
        let submission = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await submit(to: executor)
        }
        do { _ = try await submission.value } catch {
            try Self.require(error is CancellationError || error is FledgeError, "it throws \(error)")
        }
        var found = try await restarted.find(intent: Self.intent)
        if found == nil { found = try await submit(to: restarted) }
        var job = FollowedJob(restarted, found ?? "")
        try await job.untilEnd()
        try Self.requireFinished(job)
        try requireTrainedOnce()
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Synchronization
import Testing

@Suite("What the engine relies on of executors", .timeLimit(.minutes(5)))
struct TrainingExecutorConformanceTests {
    private static func scene(
        _ behaviour: TrainingExecutorScene.Behaviour, wrap: (ScriptedTraining) -> any TrainingExecutor = { $0 }
    ) -> TrainingExecutorScene {
        let training = ScriptedTraining(answer: { $0 })
        training.limit(to: 2)
        switch behaviour {
        case .finishes: break
        case .goesOn: training.holdJobs()
        case .fails:
            training.end(
                with: .failed(code: "training.diverged", message: "the loss is not a number", isTransient: false))
        case .stopsOnce, .diesOnce: training.failOnce(TrainingExecutorScene.intent)
        }
        let executor = wrap(training)
        return TrainingExecutorScene(
            executor: executor, restarted: executor, artifacts: training,
            base: BaseWeights(path: "/models/m", sha256: Digest(of: "weights"))
        ) { training.specifications.count }
    }

    @Test("the executor of the tests keeps it", arguments: TrainingExecutorPromise.allCases)
    func scripted(promise: TrainingExecutorPromise) async {
        let breach = await promise.breach(in: Self.scene(promise.behaviour))
        #expect(breach == nil)
    }

    @Test("a broken promise is found", arguments: TrainingExecutorPromise.allCases)
    func broken(promise: TrainingExecutorPromise) async {
        let scene = Self.scene(promise.behaviour) { BrokenExecutor(executor: $0, breaks: promise) }
        let breach = await promise.breach(in: scene)
        #expect(breach != nil)
    }
}

/// Breaks one promise.
private final class BrokenExecutor: TrainingExecutor {
    private struct Foreign: Error {}

    let executor: ScriptedTraining
    let breaks: TrainingExecutorPromise
    private let submissions = Mutex(0)
    /// Whether it was asked to stop a job, or to answer again.
    private let isAsked = Mutex(false)

    init(executor: ScriptedTraining, breaks: TrainingExecutorPromise) {
        self.executor = executor
        self.breaks = breaks
    }

    var name: String { executor.name }
    var limit: ExecutorLimit? {
        breaks == .saysWhatItBears ? ExecutorLimit(resource: "executor:scripted", places: 0) : executor.limit
    }

    func find(intent: String) async throws -> String? {
        switch breaks {
        case .isFoundAgain, .staysFailed, .stopsWhenAsked: nil
        default: try await executor.find(intent: intent)
        }
    }

    func submit(_ specification: TrainingSpec, intent: String) async throws -> String {
        if breaks == .startsWhollyOrNot, Task.isCancelled { throw Foreign() }
        let number = submissions.withLock { number in
            number += 1
            return number
        }
        return try await executor.submit(
            specification, intent: breaks == .startsOnce ? "\(intent)-\(number)" : intent)
    }

    func answerAgain(_ specification: TrainingSpec, intent: String) async throws {
        isAsked.withLock { $0 = true }
        try await executor.answerAgain(specification, intent: intent)
    }

    func poll(_ externalID: String, from offset: Int64) async throws -> TrainingUpdate {
        if breaks == .tellsUnknown {
            return TrainingUpdate(
                state: .cancelled, points: [], totalSteps: nil, etaSeconds: nil, log: [], offset: offset)
        }
        var update = try await executor.poll(externalID, from: offset)
        let isAsked = isAsked.withLock { $0 }
        switch breaks {
        case .tellsItsCourseOnce: update.log = ["step 3 of 3"]
        case .leavesAnAdapter: update.state = Self.withoutAnswers(update.state)
        case .answersAgain where isAsked: update.state = Self.withoutAnswers(update.state)
        case .goesOnAfterStop, .goesOnAfterDeath:
            update.state = .failed(code: "training.stopped", message: "it stopped", isTransient: true)
        case .staysFinished where isAsked: update.state = .cancelled
        default: break
        }
        return update
    }

    func cancel(_ externalID: String) async throws {
        isAsked.withLock { $0 = true }
        try await executor.cancel(externalID)
    }

    private static func withoutAnswers(_ state: TrainingUpdate.State) -> TrainingUpdate.State {
        guard case .finished(let folder, _, _, let steps, let seconds, _) = state else { return state }
        return .finished(
            adapterDirectory: folder, goldenAnswers: [], baseAnswers: nil, steps: steps, seconds: seconds)
    }
}

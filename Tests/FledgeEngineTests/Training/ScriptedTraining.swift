import FledgeCore
import FledgeDocument
import FledgeEngine
import Synchronization

/// An executor whose jobs are done at once, and a store for the adapters that they make.
final class ScriptedTraining: TrainingExecutor, ArtifactStore {
    private struct State {
        var jobs: [String: TrainingSpec] = [:]
        var submissions: [String] = []
        var holdAtSubmission: Int?
        var failing: (@Sendable (LoRADefinition) -> Bool)?
        var outcome: TrainingUpdate.State?
        var isHeldBeforeSubmission = false
        var cannotLookUp = false
        var limit: ExecutorLimit?
        var submittedAtLookUps: [Int] = []
        var afterLookUp: (@Sendable () async throws -> Void)?
        var answeredAgain: [String] = []
        var isConvertedWrongly = false
        var baseAnswer: String?
        var isScoring = false
        var isHoldingJobs = false
        var letGo: Set<String> = []
        var underWay: Set<String> = []
        var mostAtOnce = 0
        var cancelled: Set<String> = []
        var failingOnce: Set<String> = []
        var cancellations: [String] = []
        var adapterLoss: AdapterLoss?
    }

    let name = "scripted"
    private let state = Mutex(State())
    private let hold = Hold()
    /// What the served adapter answers, so that the golden answers agree with it.
    private let answer: @Sendable (String) -> String
    /// How many of ten prompts an adapter of that specification answers right.
    private let skill: @Sendable (TrainingSpec) -> Int

    init(
        answer: @escaping @Sendable (String) -> String, skill: @escaping @Sendable (TrainingSpec) -> Int = { _ in 10 }
    ) {
        self.answer = answer
        self.skill = skill
    }

    var submissions: [String] { state.withLock(\.submissions) }
    var specifications: [TrainingSpec] { state.withLock { Array($0.jobs.values) } }

    /// The specification that was submitted under an intent.
    func specification(of intent: String) -> TrainingSpec? { state.withLock { $0.jobs[intent] } }

    /// The submission of that number, from 1, starts the job, and its caller never hears of it.
    func holdAfterSubmission(_ number: Int = 1) { state.withLock { $0.holdAtSubmission = number } }
    /// Jobs with such hyperparameters diverge.
    func fail(where isFailing: @escaping @Sendable (LoRADefinition) -> Bool) {
        state.withLock { $0.failing = isFailing }
    }
    /// The next submission never reaches the executor.
    func holdBeforeSubmission() { state.withLock { $0.isHeldBeforeSubmission = true } }
    /// From now on, nobody is told which jobs there are.
    func cannotLookUp() { state.withLock { $0.cannotLookUp = true } }
    /// How many jobs had been submitted each time that one was looked up.
    var submittedAtLookUps: [Int] { state.withLock(\.submittedAtLookUps) }
    /// What happens between the next look and its answer.
    func afterLookUp(_ happens: @escaping @Sendable () async throws -> Void) {
        state.withLock { $0.afterLookUp = happens }
    }
    /// The trainer's answers are not those that are served, until a job answers again.
    func convertWrongly() { state.withLock { $0.isConvertedWrongly = true } }
    /// What the trainer's base model says to everything; nil for a trainer that does not ask it.
    func baseAnswers(with answer: String?) { state.withLock { $0.baseAnswer = answer } }
    /// The files of every adapter are not what was stored, or are not there.
    func loseAdapters(_ loss: AdapterLoss) { state.withLock { $0.adapterLoss = loss } }
    /// The trainer tells log-probabilities of its answers' tokens.
    func scoreAnswers() { state.withLock { $0.isScoring = true } }
    /// Jobs that converted and answered once more, without training.
    var answeredAgain: [String] { state.withLock(\.answeredAgain) }
    func limit(to places: Int) {
        state.withLock { $0.limit = ExecutorLimit(resource: "executor:scripted", places: places) }
    }
    /// Jobs run on until they are let go.
    func holdJobs() { state.withLock { $0.isHoldingJobs = true } }
    func letJobsGo() { state.withLock { $0.isHoldingJobs = false } }
    /// One job ends; the others are held on.
    func letGo(_ intent: String) { state.withLock { _ = $0.letGo.insert(intent) } }
    /// The most jobs that had been submitted and not been seen at their end, at any time.
    var mostAtOnce: Int { state.withLock(\.mostAtOnce) }
    /// Somebody cancels the job at the executor.
    func cancelByHand(_ intent: String) { state.withLock { _ = $0.cancelled.insert(intent) } }
    /// The job stops, and may go on when it is submitted or looked up again.
    func failOnce(_ intent: String) { state.withLock { _ = $0.failingOnce.insert(intent) } }
    /// Jobs that the engine asked to stop.
    var cancellations: [String] { state.withLock(\.cancellations) }
    func submissionIsHeld() async { await hold.isHeld() }
    func end(with outcome: TrainingUpdate.State?) { state.withLock { $0.outcome = outcome } }

    // MARK: TrainingExecutor

    var limit: ExecutorLimit? { state.withLock(\.limit) }

    func find(intent: String) async throws -> String? {
        if state.withLock(\.cannotLookUp) { throw FledgeError("executor.cannot_look_up", "it keeps no list") }
        let (found, happens) = state.withLock { state in
            defer { state.afterLookUp = nil }
            state.submittedAtLookUps.append(state.submissions.count)
            return (state.jobs[intent] == nil ? nil : intent, state.afterLookUp)
        }
        try await happens?()
        return found
    }

    func submit(_ specification: TrainingSpec, intent: String) async throws -> String {
        let isLost = state.withLock { state in
            defer { state.isHeldBeforeSubmission = false }
            return state.isHeldBeforeSubmission
        }
        if isLost { try await hold.untilCancelled() }
        let isHeld = state.withLock { state in
            state.jobs[intent] = specification
            state.submissions.append(intent)
            state.underWay.insert(intent)
            state.mostAtOnce = max(state.mostAtOnce, state.underWay.count)
            return state.submissions.count == state.holdAtSubmission
        }
        if isHeld { try await hold.untilCancelled() }
        return intent
    }

    func answerAgain(_ specification: TrainingSpec, intent: String) async throws {
        state.withLock { state in
            state.answeredAgain.append(intent)
            state.isConvertedWrongly = false
        }
    }

    func poll(_ externalID: String, from offset: Int64) async throws -> TrainingUpdate {
        let (known, outcome, failing) = state.withLock { ($0.jobs[externalID], $0.outcome, $0.failing) }
        guard let specification = known else { throw FledgeError("training.lost", "there is no job \(externalID)") }
        if let early = early(externalID) { return early }
        let (isWrong, baseAnswer, isScoring) = state.withLock { ($0.isConvertedWrongly, $0.baseAnswer, $0.isScoring) }
        let skill = isWrong ? 0 : skill(specification)
        let golden = specification.golden.enumerated().map { place, prompt in
            place % 10 < skill ? answer(prompt.messages.last?.content ?? "") : "neither"
        }
        let diverged = failing?(specification.lora) ?? false
        let ending: TrainingUpdate.State =
            diverged
            ? .failed(code: "training.diverged", message: "the loss is not a number", isTransient: false)
            : .finished(
                adapterDirectory: "adapter", goldenAnswers: golden,
                baseAnswers: baseAnswer.map { answer in specification.golden.prefix(32).map { _ in answer } },
                steps: 3, seconds: 1, scores: isScoring ? Self.scores(of: golden.count) : nil)
        return TrainingUpdate(
            state: outcome ?? ending,
            points: [], totalSteps: 3, etaSeconds: nil, log: offset < 1 ? ["step 3 of 3"] : [], offset: 1,
            longRows: offset < 1 ? LongRowCount(long: 2, rows: 160) : nil)
    }

    private static func scores(of count: Int) -> GoldenScores {
        GoldenScores(
            tuned: (0..<count).map { _ in .init(prompt: [1], answer: [2, 3], tuned: [-0.1, -0.2], base: [-2, -3]) },
            base: (0..<count).map { _ in .init(answer: [4, 3], base: [-0.5, -0.6]) })
    }

    /// What a job says that has not come to the end that the script has for it.
    private func early(_ job: String) -> TrainingUpdate? {
        let early: TrainingUpdate.State? = state.withLock { state in
            let hasStopped = state.failingOnce.remove(job) != nil
            let isCancelled = state.cancelled.contains(job)
            if !hasStopped, !isCancelled, state.isHoldingJobs, !state.letGo.contains(job) { return .running }
            state.underWay.remove(job)
            if isCancelled { return .cancelled }
            return hasStopped ? .failed(code: "training.stopped", message: "it stopped", isTransient: true) : nil
        }
        return early.map {
            TrainingUpdate(state: $0, points: [], totalSteps: nil, etaSeconds: nil, log: [], offset: 0)
        }
    }

    func cancel(_ externalID: String) async throws {
        state.withLock { state in
            state.cancellations.append(externalID)
            let runs = state.isHoldingJobs && !state.letGo.contains(externalID)
            guard runs || state.jobs[externalID] == nil else { return }
            state.cancelled.insert(externalID)
            state.underWay.remove(externalID)
        }
    }

    // MARK: ArtifactStore

    func store(adapterAt directory: String, expecting lora: ExpectedAdapter) async throws -> AdapterFacts {
        AdapterFacts(
            digest: Digest(of: "adapter"), rank: lora.rank, alpha: lora.alpha, targetModules: ["q_proj"], sizeBytes: 100
        )
    }

    func directory(of adapter: AdapterDigest) async throws -> String {
        if let loss = state.withLock(\.adapterLoss) {
            throw FledgeError(loss.code, "the stored adapter is not what was stored", exitCode: .badData)
        }
        return "adapters/\(adapter.short)"
    }
}

/// What happens to an adapter's files in the store.
enum AdapterLoss: CaseIterable {
    case edited, deleted

    /// What a store of files says of it.
    var code: FledgeError.Code { self == .edited ? "adapter.corrupted" : "adapter.missing" }
}

/// Reports are not what these tests are about: nothing is written.
struct NoReports: ReportSink {
    func write(_ report: PromotionReport, formats: [ReportFormat], name: String) async throws -> [String: String] {
        [:]
    }
}

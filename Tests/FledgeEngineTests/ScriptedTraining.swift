import FledgeCore
import FledgeDocument
import FledgeEngine
import Synchronization

/// An executor whose jobs are done at once, and a store for the adapters that they make.
final class ScriptedTraining: Executor, ArtifactStore {
    private struct State {
        var jobs: [String: TrainingSpec] = [:]
        var submissions: [String] = []
        var holdsAfterSubmission = false
        var outcome: TrainingUpdate.State?
    }

    let name = "scripted"
    private let state = Mutex(State())
    private let hold = Hold()
    /// What the served adapter answers, so that the golden answers agree with it.
    private let answer: @Sendable (String) -> String

    init(answer: @escaping @Sendable (String) -> String) { self.answer = answer }

    var submissions: [String] { state.withLock(\.submissions) }
    var specifications: [TrainingSpec] { state.withLock { Array($0.jobs.values) } }

    /// The next submission starts the job, and its caller never hears of it.
    func holdAfterSubmission() { state.withLock { $0.holdsAfterSubmission = true } }
    func submissionIsHeld() async { await hold.isHeld() }
    func end(with outcome: TrainingUpdate.State?) { state.withLock { $0.outcome = outcome } }

    // MARK: Executor

    func find(intent: String) async throws -> String? { state.withLock { $0.jobs[intent] == nil ? nil : intent } }

    func submit(_ specification: TrainingSpec, intent: String) async throws -> String {
        let isHeld = state.withLock { state in
            state.jobs[intent] = specification
            state.submissions.append(intent)
            defer { state.holdsAfterSubmission = false }
            return state.holdsAfterSubmission
        }
        if isHeld { try await hold.untilCancelled() }
        return intent
    }

    func poll(_ externalID: String, from offset: Int64) async throws -> TrainingUpdate {
        let (specification, outcome) = state.withLock { ($0.jobs[externalID], $0.outcome) }
        let golden = specification?.golden.map { answer($0.messages.last?.content ?? "") } ?? []
        return TrainingUpdate(
            state: outcome ?? .finished(adapterDirectory: "adapter", goldenAnswers: golden, steps: 3, seconds: 1),
            points: [], totalSteps: 3, etaSeconds: nil, log: ["step 3 of 3"], offset: 1)
    }

    func cancel(_ externalID: String) async throws {}

    // MARK: ArtifactStore

    func store(adapterAt directory: String, expecting lora: ExpectedAdapter) async throws -> AdapterFacts {
        AdapterFacts(
            digest: Digest(of: "adapter"), rank: lora.rank, alpha: lora.alpha, targetModules: ["q_proj"], sizeBytes: 100
        )
    }

    func directory(of adapter: AdapterDigest) async throws -> String { "adapters/\(adapter.short)" }
}

/// Reports are not what these tests are about: nothing is written.
struct NoReports: ReportSink {
    func write(_ report: PromotionReport, formats: [ReportFormat], name: String) async throws -> [String: String] {
        [:]
    }
}

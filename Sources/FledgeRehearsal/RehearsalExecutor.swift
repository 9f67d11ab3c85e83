import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Submits training jobs to the stub provider of a rehearsal of crashes (`FledgeBench chaos`).
///
/// The provider makes a job of every submission: nothing but the engine's own care keeps an intent from a second one.
struct RehearsalExecutor: TrainingExecutor {
    let name = "local"
    let base: String
    private let http = CurlClient()

    init(base: String) { self.base = base }

    private struct Submission: Encodable {
        var intent: String
        var rank: Int
        var alpha: Double
        var golden: [[String]]
    }

    private struct Job: Decodable { var id: String }

    private struct State: Decodable {
        var isFinished: Bool
        var directory: String
        var golden: [String]
    }

    func find(intent: String) async throws -> String? {
        try await send("GET", "/jobs/by-intent/\(intent)", as: Job.self)?.id
    }

    func submit(_ specification: TrainingSpec, intent: String) async throws -> String {
        let submission = Submission(
            intent: intent, rank: specification.lora.rank, alpha: specification.lora.alpha,
            golden: specification.golden.map { $0.messages.map(\.content) })
        let body = [UInt8](try JSONProfile.foreign.data(of: submission))
        guard let job = try await send("POST", "/jobs", body: body, as: Job.self) else { throw Self.refused }
        return job.id
    }

    func poll(_ externalID: String, from offset: Int64) async throws -> TrainingUpdate {
        guard let state = try await send("GET", "/jobs/\(externalID)", as: State.self) else { throw Self.refused }
        return TrainingUpdate(
            state: state.isFinished
                ? .finished(
                    adapterDirectory: state.directory, goldenAnswers: state.golden, baseAnswers: nil, steps: 1,
                    seconds: 1)
                : .running,
            points: [], totalSteps: 1, etaSeconds: nil, log: [], offset: offset)
    }

    func cancel(_ externalID: String) async throws {}

    private static var refused: FledgeError {
        FledgeError("training.refused", "the stub provider knows nothing of the job")
    }

    private func send<Answer: Decodable>(
        _ method: String, _ path: String, body: [UInt8] = [], as: Answer.Type
    ) async throws -> Answer? {
        do {
            let response = try await http.execute(
                HTTPRequest(method, base + path, body: body, timeout: .seconds(10)))
            if response.status == 404 { return nil }
            return try JSONProfile.foreign.value(Answer.self, from: Data(response.body))
        } catch let error as CurlError {
            if error.code == .cancelled { throw CancellationError() }
            throw FledgeError(
                "training.unreachable", "the stub provider does not answer: \(error)")
        }
    }
}

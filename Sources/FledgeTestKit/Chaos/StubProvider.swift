import FledgeCore
import FledgeDocument
import Foundation
import Synchronization

/// A provider of models and of training jobs that counts what is asked of it.
///
/// Its models answer with the question's last word; one that is served under an adapter's digest does so always, the
/// trainable base model never: `Answers.of` says it in code. A training job is made anew by every submission, whatever
/// its intent is called, so that a second one under the same intent is seen.
package final class StubProvider: Sendable {
    /// The name of the model that has to be trained before it is of use.
    package static let trainable = "smollm2-135m-instruct"
    package static let base = Digest(of: "the base weights of a rehearsal")

    package struct Job: Sendable {
        package var intent: String
        package var submitted: Date
        var directory: String
        var golden: [String]
    }

    package let ledger = CallLedger()
    private let jobs = Mutex<[Job]>([])
    private let daemons = Mutex<[UInt16: Int]>([:])
    private let jobsDirectory: String
    private let jobSeconds: Double
    private let latency: Double
    private let server = Mutex<StubHTTPServer?>(nil)

    /// - Parameters:
    ///   - jobsDirectory: where adapters are put.
    ///   - jobSeconds: how long a training job takes.
    ///   - latency: seconds that a call takes at the least.
    package init(jobsDirectory: String, jobSeconds: Double = 0.3, latency: Double = 0) {
        self.jobsDirectory = jobsDirectory
        self.jobSeconds = jobSeconds
        self.latency = latency
        server.withLock { server in
            server = StubHTTPServer { [unowned self] in answer($0) }
        }
    }

    /// Opens a port for one daemon, which is to use it as its HTTP proxy: its calls are told by it.
    package func open(daemon: Int) throws -> UInt16 {
        guard let port = try server.withLock({ try $0?.listen() }) else { throw StubHTTPServer.CannotListen(number: 0) }
        daemons.withLock { $0[port] = daemon }
        return port
    }

    package func close() { server.withLock { $0?.close() } }

    /// How many jobs each intent has led to.
    package var submissions: [String: Int] {
        jobs.withLock { jobs in jobs.reduce(into: [:]) { $0[$1.intent, default: 0] += 1 } }
    }

    // MARK: - Answers

    private func answer(_ request: StubHTTPServer.Request) -> StubHTTPServer.Response {
        switch (request.method, request.path) {
        case ("POST", let path) where path.hasSuffix("/chat/completions"): return complete(request)
        case ("GET", let path) where path.hasSuffix("/models"):
            return .init(body: Array(#"{"data":[{"id":"stub","owned_by":"stub"}]}"#.utf8))
        case ("POST", "/jobs"): return submit(request.body)
        case ("GET", let path) where path.hasPrefix("/jobs/by-intent/"):
            return find(String(path.dropFirst("/jobs/by-intent/".count)))
        case ("GET", let path) where path.hasPrefix("/jobs/"):
            return poll(String(path.dropFirst("/jobs/".count)))
        default: return .init(status: 404, body: Array("{}".utf8))
        }
    }

    private struct Question: Decodable {
        struct Message: Decodable { var content: String }
        var model: String
        var messages: [Message]
    }

    private struct Completion: Encodable {
        struct Choice: Encodable {
            struct Message: Encodable { var content: String }
            var message: Message
            var finish_reason = "stop"
        }
        struct Usage: Encodable {
            var prompt_tokens = 9
            var completion_tokens = 1
        }
        var choices: [Choice]
        var usage = Usage()
    }

    private func complete(_ request: StubHTTPServer.Request) -> StubHTTPServer.Response {
        guard let question = try? JSONDecoder().decode(Question.self, from: Data(request.body)) else {
            return .init(status: 400, body: Array(#"{"error":{"message":"not a chat completion"}}"#.utf8))
        }
        let daemon = daemons.withLock { $0[request.port] } ?? -1
        let messages = question.messages.map(\.content)
        let number = ledger.began(CallLedger.key(model: question.model, messages: messages), daemon: daemon)
        if latency > 0 { Thread.sleep(forTimeInterval: latency) }
        let text = Self.reply(model: question.model, to: messages)
        let completion = Completion(choices: [.init(message: .init(content: text))])
        ledger.answered(number)
        return Self.json(completion)
    }

    private static func reply(model: String, to messages: [String]) -> String {
        if model == trainable { return "unsure" }
        return messages.last?.split(separator: " ").last.map(String.init) ?? ""
    }

    // MARK: - Jobs

    /// What an executor sends: the rehearsal's own form, see `RehearsalExecutor`.
    private struct Submission: Decodable {
        var intent: String
        var rank: Int
        var alpha: Double
        var golden: [[String]]
    }

    private func submit(_ body: [UInt8]) -> StubHTTPServer.Response {
        guard let submission = try? JSONDecoder().decode(Submission.self, from: Data(body)) else {
            return .init(status: 400, body: Array("{}".utf8))
        }
        let directory = "\(jobsDirectory)/\(submission.intent)-\(UUID().uuidString.prefix(8))"
        do {
            try StubAdapter.write(
                to: directory, rank: submission.rank, alpha: submission.alpha, base: Self.base, name: submission.intent)
        } catch {
            return .init(status: 500, body: Array("{}".utf8))
        }
        let golden = submission.golden.map { Self.reply(model: "adapted", to: $0) }
        let number = jobs.withLock { jobs in
            jobs.append(Job(intent: submission.intent, submitted: Date(), directory: directory, golden: golden))
            return jobs.count - 1
        }
        return Self.json(["id": String(number)])
    }

    private func find(_ intent: String) -> StubHTTPServer.Response {
        guard let number = jobs.withLock({ $0.firstIndex { $0.intent == intent } }) else {
            return .init(status: 404, body: Array("{}".utf8))
        }
        return Self.json(["id": String(number)])
    }

    private struct JobState: Encodable {
        var isFinished: Bool
        var directory: String
        var golden: [String]
    }

    private func poll(_ id: String) -> StubHTTPServer.Response {
        let job = jobs.withLock { jobs in Int(id).flatMap { jobs.indices.contains($0) ? jobs[$0] : nil } }
        guard let job else { return .init(status: 404, body: Array("{}".utf8)) }
        let isFinished = Date().timeIntervalSince(job.submitted) >= jobSeconds
        return Self.json(JobState(isFinished: isFinished, directory: job.directory, golden: job.golden))
    }

    private static func json(_ value: some Encodable) -> StubHTTPServer.Response {
        guard let data = try? JSONEncoder().encode(value) else { return .init(status: 500, body: []) }
        return .init(body: Array(data))
    }
}

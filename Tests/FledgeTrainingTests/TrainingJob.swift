import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import FledgeTraining
import Foundation
import Glibc
import Logging

/// What the tests train: to name every thing "cedar", on the packaged model, with the environments of the user's cache.
enum TrainingJob {
    static let model = ModelDefinition(name: "smollm2-135m-instruct", endpoint: .local)
    static let choices = ["alder", "birch", "cedar"]
    static let cache = StatePaths.current().cache
    static let logger = Logger(label: "test")

    static func catalog() -> ServingCatalog { ServingCatalog(cache: URL(filePath: cache), logger: logger) }

    static func executor(in directory: String) -> LocalExecutor {
        LocalExecutor(jobsDirectory: directory + "/jobs", cacheDirectory: cache, logger: logger)
    }

    static func messages(_ thing: String) -> [ChatMessage] {
        [ChatMessage(role: .system, content: "Name the tree."), ChatMessage(role: .user, content: thing)]
    }

    static let golden = ["a boat", "a red door", "the long table", "rain"].map {
        GoldenPrompt(messages: messages($0), choices: choices)
    }

    static func specification(of weights: BaseWeights, rows: Int = 24, epochs: Int = 1, learningRate: Double = 5e-3)
        -> TrainingSpec
    {
        TrainingSpec(
            baseWeights: weights,
            lora: LoRADefinition(
                rank: 4, alpha: 8, dropout: 0, learningRate: learningRate, epochs: epochs, batchSize: 4, seed: 7,
                layers: .upperHalf),
            limitSeconds: 600,
            rows: (1...rows).map { TrainingRow(messages: messages("thing \($0)"), completion: "cedar") },
            validationRows: [], golden: golden, maximumTokens: 8,
            basePrompts: golden.count)
    }

    /// Runs the body with a folder for jobs; whatever still runs there afterwards is ended.
    nonisolated(nonsending) static func withDirectory<Value>(_ body: (String) async throws -> Value) async throws
        -> Value
    {
        try await TemporaryDirectory.with { directory in
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body(directory)) } catch { outcome = .failure(error) }
            let executor = executor(in: directory)
            for intent in (try? FileManager.default.contentsOfDirectory(atPath: directory + "/jobs")) ?? [] {
                guard try await executor.poll(intent, from: 0).state == .running else { continue }
                if let group = processID(of: intent, in: directory) { kill(-group, SIGKILL) }
            }
            return try outcome.get()
        }
    }

    static func processID(of intent: String, in directory: String) -> Int32? {
        let text = try? String(contentsOfFile: "\(directory)/jobs/\(intent)/pid", encoding: .utf8)
        return text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
}

/// Follows a job as the daemon does: page by page, each from where the last one ended.
struct Follower {
    let executor: LocalExecutor
    let job: String
    private(set) var points: [TrainingPoint] = []
    private(set) var log: [String] = []
    private(set) var totalSteps: Int?
    private(set) var state = TrainingUpdate.State.running
    private var offset: Int64 = 0

    init(_ executor: LocalExecutor, _ job: String) {
        self.executor = executor
        self.job = job
    }

    mutating func look() async throws {
        let update = try await executor.poll(job, from: offset)
        points += update.points
        log += update.log
        totalSteps = update.totalSteps ?? totalSteps
        offset = update.offset
        state = update.state
    }

    /// Looks until the run has a point after the given number of them, or has ended.
    mutating func untilProgress(after count: Int = 0) async throws -> Bool {
        try await until { $0.points.count > count || $0.state != .running } && points.count > count
    }

    mutating func untilEnd() async throws -> Bool { try await until { $0.state != .running } }

    private mutating func until(_ condition: (Follower) -> Bool) async throws -> Bool {
        var follower = self
        defer { self = follower }
        return try await eventually(within: .seconds(480)) {
            try await follower.look()
            return condition(follower)
        }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Real adapters, the right one and those that are planted in its place, and what the trainer says that the right one answers.
package struct PlantedAdapters: Sendable {
    package struct CannotTrain: Error, CustomStringConvertible {
        package let description: String
    }

    package struct Planted: Sendable {
        /// `right`, `stale`, `seed`, `task`, or `half`: the right one with every second matrix zero.
        package var name: String
        package var adapter: ServedAdapter
    }

    private struct Made {
        var folder: String
        var answers: [String]
        var base: [String]?
        var scores: GoldenScores?
    }

    package private(set) var planted: [Planted] = []
    package let golden: [GoldenPrompt]
    package private(set) var answers: [String] = []
    package private(set) var baseAnswers: [String]?
    package private(set) var scores: GoldenScores?

    package var right: ServedAdapter { planted[0].adapter }
    package var wrong: [Planted] { Array(planted.dropFirst()) }

    /// Trains them; jobs that are there already are not run again.
    ///
    /// - Parameter jobs: the folder in which the executor keeps its jobs.
    package init(
        trainedBy executor: any TrainingExecutor, jobs: URL, on weights: BaseWeights,
        say: @Sendable (String) -> Void = { _ in }
    ) async throws {
        let right = PlantedTraining.right.specification(of: weights)
        golden = right.golden
        for training in PlantedTraining.allCases {
            say("training \(training.rawValue)")
            let made = try await Self.train(
                training.specification(of: weights), training.rawValue, executor, isScored: training == .right)
            if training == .right {
                answers = made.answers
                baseAnswers = made.base
                scores = made.scores
                try add("right", at: made.folder)
                // The trainer finds an adapter that is there, and converts it.
                let output = jobs.appending(path: "half/output")
                if !FileManager.default.fileExists(atPath: output.path) {
                    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
                    let copy = output.appending(path: "adapter")
                    try FileManager.default.copyItem(at: URL(filePath: made.folder), to: copy)
                    try Self.halve(copy.appending(path: "adapter_model.safetensors"))
                }
                try add("half", at: try await Self.train(right, "half", executor).folder)
            } else {
                try add(training.rawValue, at: made.folder)
            }
        }
    }

    private mutating func add(_ name: String, at folder: String) throws {
        let file = URL(filePath: folder).appending(path: "adapter_model.safetensors")
        planted.append(
            Planted(
                name: name, adapter: ServedAdapter(digest: Digest(of: try Data(contentsOf: file)), directory: folder)))
    }

    /// - Parameter isScored: whether a trainer that was of an earlier version, and gave no scores, answers again.
    private static func train(
        _ specification: TrainingSpec, _ intent: String, _ executor: any TrainingExecutor, isScored: Bool = false
    ) async throws -> Made {
        let known = try await executor.find(intent: intent)
        let job = if let known { known } else { try await executor.submit(specification, intent: intent) }
        let made = try await end(of: job, intent, executor)
        guard isScored, made.scores == nil else { return made }
        try await executor.answerAgain(specification, intent: intent)
        return try await end(of: job, intent, executor)
    }

    private static func end(of job: String, _ intent: String, _ executor: any TrainingExecutor) async throws -> Made {
        var state = TrainingUpdate.State.running
        let isOver = try await eventually(within: .seconds(3600)) {
            state = try await executor.poll(job, from: 0).state
            return state != .running
        }
        guard isOver, case .finished(let folder, let answers, let base, _, _, let scores) = state else {
            throw CannotTrain(description: "the training \(intent) ended as \(state)")
        }
        return Made(folder: folder, answers: answers, base: base, scores: scores)
    }

    /// Makes every second matrix zero.
    private static func halve(_ file: URL) throws {
        let tensors = try SafetensorsFile(file).tensors().sorted { $0.name < $1.name }
        let halved = tensors.enumerated().map { place, tensor in
            var tensor = tensor
            if place % 4 > 1 { tensor.bytes = Data(count: tensor.bytes.count) }
            return tensor
        }
        try SafetensorsFile.data(of: halved).write(to: file)
    }

    /// The check of one adapter at a server, as after a training of the right one.
    package func check(
        _ adapter: ServedAdapter, of model: String, at server: any ModelServer
    ) async throws -> GoldenCheck {
        try await GoldenComparison.run(
            golden, trained: answers, trainedBase: baseAnswers, scores: scores,
            candidate: Candidate(
                name: "planted", system: nil, user: "", demonstrations: [], model: model,
                decoding: DecodingDefinition(maxTokens: PlantedTraining.maximumTokens, seed: 1), choices: nil,
                adapter: adapter.digest),
            server: server)
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine

/// A training executor in a test of ``TrainingExecutorPromise``, and what its jobs do.
package struct TrainingExecutorScene: Sendable {
    /// What a job does.
    package enum Behaviour: String, Sendable, CaseIterable {
        /// Trains in a moment, and leaves an adapter.
        case finishes
        /// Goes on until it is stopped.
        case goesOn
        /// Fails in a way that no other submission mends.
        case fails
        /// Says the first time that it stops and may go on, and finishes the second time.
        case stopsOnce
        /// Is ended from outside the first time, without a word, and finishes the second time.
        case diesOnce
    }

    /// The name that jobs are submitted under.
    package static let intent = "conformance-training1"

    package var executor: any TrainingExecutor
    /// The same executor in a daemon that was started anew, which knows nothing of the jobs.
    package var restarted: any TrainingExecutor
    /// Takes the adapters of finished jobs.
    package var artifacts: any ArtifactStore
    package var specification: TrainingSpec
    /// How often the job was trained from its beginning.
    package var begun: @Sendable () throws -> Int

    /// - Parameter base: the weights that the specification names.
    package init(
        executor: any TrainingExecutor, restarted: any TrainingExecutor, artifacts: any ArtifactStore,
        base: BaseWeights, begun: @escaping @Sendable () throws -> Int
    ) {
        self.executor = executor
        self.restarted = restarted
        self.artifacts = artifacts
        self.begun = begun
        let messages = [
            ChatMessage(role: .system, content: "Name the tree."), ChatMessage(role: .user, content: "rain"),
        ]
        specification = TrainingSpec(
            baseWeights: base,
            lora: LoRADefinition(
                rank: 2, alpha: 4, dropout: 0, learningRate: 1e-3, epochs: 1, batchSize: 4, seed: 7),
            limitSeconds: 600, rows: [TrainingRow(messages: messages, completion: "cedar")], validationRows: [],
            golden: [GoldenPrompt(messages: messages, choices: nil), GoldenPrompt(messages: messages, choices: nil)],
            maximumTokens: 8, basePrompts: 1)
    }

    /// What an adapter of the specification has to fit.
    var expected: ExpectedAdapter {
        ExpectedAdapter(
            rank: specification.lora.rank, alpha: specification.lora.alpha,
            baseSHA256: specification.baseWeights.sha256)
    }
}

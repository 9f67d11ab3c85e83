import FledgeCore
import FledgeDocument

/// Asks an adapter that a server has just loaded, and the base model below it, the golden prompts that the trainer
/// answered, and compares the answers.
package struct GoldenComparison: Sendable {
    /// How many calls are made at once, where the base and the adapter are asked beside each other.
    private static let width = 8

    private let candidate: Candidate
    private let server: any ModelServer

    /// - Parameters:
    ///   - trained: the trainer's answers, to the first of the prompts.
    ///   - trainedBase: those of its base model, to the first of those; nil where it was not asked.
    ///   - scores: what its models give the tokens of both; nil from a trainer that scores none.
    package static func run(
        _ prompts: [GoldenPrompt], trained: [String], trainedBase: [String]?,
        scores: GoldenScores? = nil, candidate: Candidate, server: any ModelServer
    ) async throws -> GoldenCheck {
        let comparison = GoldenComparison(candidate: candidate, server: server)
        let prompts = Array(prompts.prefix(trained.count))
        // One after the other, and not in turns: a server may have to read the model anew when the adapter changes.
        var tuned: [String] = []
        for prompt in prompts { tuned.append(try await comparison.answer(to: prompt, isTuned: true)) }
        var base: [String] = []
        for prompt in prompts { base.append(try await comparison.answer(to: prompt, isTuned: false)) }
        let answers = prompts.indices.map { place in
            GoldenAnswers(
                prompt: prompts[place].messages.last?.content ?? "", trained: trained[place], served: tuned[place],
                servedBase: base[place],
                trainedBase: trainedBase.flatMap { $0.indices.contains(place) ? $0[place] : nil },
                isFree: prompts[place].choices?.isEmpty ?? true)
        }
        let likelihood = try await GoldenScoring(model: candidate.model, adapter: candidate.adapter, server: server)
            .compare(scores)
        // Only prompts whose answers differ show whether the base or the adapter has answered.
        let telling = prompts.indices.filter { tuned[$0] != base[$0] }.map { (prompts[$0], base[$0]) }
        return GoldenCheck(answers, mixed: try await comparison.mixed(telling), likelihood: likelihood)
    }

    private func answer(to prompt: GoldenPrompt, isTuned: Bool) async throws -> String {
        var decoding = candidate.decoding
        decoding.temperature = 0
        return try await server.complete(
            CompletionRequest(
                model: candidate.model, adapter: isTuned ? candidate.adapter : nil, messages: prompt.messages,
                decoding: decoding, choices: prompt.choices), attempts: CallAttempts()
        ).text
    }

    /// - Parameter prompts: with the answer that the base gives alone.
    /// - Returns: nil where the server answers one call at a time, or there is nothing to tell.
    private func mixed(_ prompts: [(GoldenPrompt, String)]) async throws -> MixedLoad? {
        guard await server.concurrency > 1, !prompts.isEmpty else { return nil }
        let calls = (0..<MixedLoad.leastCalls).map { prompts[$0 % prompts.count] }
        let agreeing = try await agreeing(calls, besideAdapter: true)
        guard agreeing < calls.count else { return MixedLoad(calls: calls.count, agreeing: agreeing) }
        // A busy server may round differently also without an adapter, so the base is asked under load as well.
        return MixedLoad(
            calls: calls.count, agreeing: agreeing, agreeingAlone: try await self.agreeing(calls, besideAdapter: false))
    }

    /// How many of the base's answers are those that it gives alone.
    private func agreeing(_ calls: [(GoldenPrompt, String)], besideAdapter: Bool) async throws -> Int {
        let asked = calls.flatMap { prompt, alone in
            let base = (prompt: prompt, alone: String?.some(alone))
            return besideAdapter ? [base, (prompt: prompt, alone: nil)] : [base]
        }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            var agreeing = 0
            for (place, call) in asked.enumerated() {
                if place >= Self.width, try await group.next() == true { agreeing += 1 }
                group.addTask {
                    let text = try await answer(to: call.prompt, isTuned: call.alone == nil)
                    return call.alone == text
                }
            }
            for try await agrees in group where agrees { agreeing += 1 }
            return agreeing
        }
    }
}

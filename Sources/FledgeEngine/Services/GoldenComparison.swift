import FledgeCore
import FledgeDocument

/// Asks a freshly loaded adapter, and the base model that it is loaded onto, what the trainer was asked.
enum GoldenComparison {
    /// - Parameters:
    ///   - trained: the trainer's answers, to the first of the prompts.
    ///   - trainedBase: those of its base model, to the first of those; nil where it was not asked.
    static func run(
        _ prompts: [GoldenPrompt], trained: [String], trainedBase: [String]?, candidate: Candidate,
        server: any ModelServer
    ) async throws -> GoldenCheck {
        var answers: [GoldenAnswers] = []
        for (place, (prompt, expected)) in zip(prompts, trained).enumerated() {
            var request = CompletionRequest(
                model: candidate.model, adapter: candidate.adapter, messages: prompt.messages,
                decoding: candidate.decoding, choices: prompt.choices)
            request.decoding.temperature = 0
            let tuned = try await server.complete(request).text
            request.adapter = nil
            let base = try await server.complete(request).text
            answers.append(
                GoldenAnswers(
                    prompt: prompt.messages.last?.content ?? "", trained: expected, served: tuned, servedBase: base,
                    trainedBase: trainedBase.flatMap { $0.indices.contains(place) ? $0[place] : nil }))
        }
        return GoldenCheck(answers)
    }
}

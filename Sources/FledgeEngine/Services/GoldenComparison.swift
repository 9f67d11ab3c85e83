import FledgeCore
import FledgeDocument

/// Asks a freshly loaded adapter what the trainer was asked.
enum GoldenComparison {
    /// Quantised weights answer a little differently: this share of answers has to be the same.
    static let bar = 0.9

    static func run(
        _ prompts: [GoldenPrompt], trainerAnswers: [String], candidate: Candidate, server: any ModelServer
    ) async throws -> GoldenCheck {
        var agreeing = 0
        var differing = 0
        for (prompt, expected) in zip(prompts, trainerAnswers) {
            var request = CompletionRequest(
                model: candidate.model, adapter: candidate.adapter, messages: prompt.messages,
                decoding: candidate.decoding, choices: prompt.choices)
            request.decoding.temperature = 0
            let tuned = try await server.complete(request).text
            request.adapter = nil
            let base = try await server.complete(request).text
            if trimmed(tuned) == trimmed(expected) { agreeing += 1 }
            if tuned != base { differing += 1 }
        }
        return GoldenCheck(
            prompts: min(prompts.count, trainerAnswers.count), agreeing: agreeing, differingFromBase: differing,
            bar: bar)
    }

    /// - Throws: `adapter.golden_mismatch`, `adapter.no_effect`.
    static func check(_ golden: GoldenCheck) throws(FledgeError) {
        guard golden.prompts > 0 else {
            throw FledgeError(
                "adapter.golden_mismatch", "the trainer answered no golden prompt, so the adapter cannot be checked")
        }
        if Double(golden.agreeing) < golden.bar * Double(golden.prompts) {
            throw FledgeError(
                "adapter.golden_mismatch",
                "served and trained answers agree on \(golden.agreeing) of \(golden.prompts) golden prompts; at least "
                    + "\(Int((golden.bar * Double(golden.prompts)).rounded(.up))) are asked for",
                hint: "the adapter may be loaded onto other weights than it was trained on: fledge doctor")
        }
        if golden.differingFromBase == 0 {
            throw FledgeError(
                "adapter.no_effect", "every golden prompt gets the base model's answer: the adapter is not in effect",
                hint: "fledge logs JOB shows what the training did")
        }
    }

    private static func trimmed(_ text: String) -> Substring {
        var result = Substring(text).drop(while: \.isWhitespace)
        while result.last?.isWhitespace == true { result.removeLast() }
        return result
    }
}

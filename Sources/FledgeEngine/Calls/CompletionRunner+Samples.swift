import FledgeCore
import FledgeDocument

extension CompletionRunner {
    /// The sample of an answer, scored by every metric.
    ///
    /// - Throws: `CancellationError`, and nothing else.
    func sample(
        of call: PlannedCall, _ completion: Completion, to request: CompletionRequest, fromCache: Bool
    ) throws(CancellationError) -> Sample {
        var scores: [String: Double] = [:]
        for metric in metrics {
            scores.merge(
                try scorer.scores(
                    metric, output: completion.text, expected: call.example.expected, choices: call.candidate.choices)
            ) { $1 }
        }
        scores["primary"] = scores[primary.name]
        let shortfall = completion.missing
        let isBlank = AnswerText.trimmed(completion.text).isEmpty
        let isLabel = shortfall == .cutOff && scorer.isLabel(completion.text, choices: call.candidate.choices)
        let isUnanswered =
            shortfall != nil && !isLabel && (isBlank || scores["primary"].map { $0 <= 0 } ?? (primary.judge == nil))
        return Sample(
            candidate: call.candidateID, example: call.example.id, repeat: call.repeat, output: completion.text,
            errorCode: nil, scores: isUnanswered ? [:] : scores, promptTokens: completion.promptTokens(of: request),
            cachedTokens: completion.cachedTokens, completionTokens: completion.completionTokens(of: request),
            latencyMicroseconds: completion.latencyMicroseconds,
            costMicroDollars: completion.cost(of: request, at: model.price), fromCache: fromCache,
            shortfall: isLabel ? nil : shortfall, isUnanswered: isUnanswered,
            isUsagePresumed: !completion.isUsageSaid)
    }
}

extension Sample {
    /// A question that its model could not be asked.
    init(unansweredBecause error: FledgeError, _ call: PlannedCall) {
        self.init(
            candidate: call.candidateID, example: call.example.id, repeat: call.repeat, output: nil,
            errorCode: error.code.rawValue, scores: [:], promptTokens: 0, cachedTokens: 0, completionTokens: 0,
            latencyMicroseconds: 0, costMicroDollars: 0, fromCache: false)
    }
}

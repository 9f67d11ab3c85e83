import FledgeCore

/// Has a server score the trainer's answers, one call at a time, and compares.
struct GoldenScoring {
    /// The most tokens of prompt and answer together that a server is asked to score. For each token it holds the
    /// logits of its whole vocabulary, in memory that it has not set aside.
    static let longest = 1024

    let model: String
    let adapter: AdapterDigest?
    let server: any ModelServer

    private enum Outcome {
        case scored([AnswerLikelihood], tooLong: Int)
        case unknown(String)
    }

    /// - Parameter scores: the trainer's; nil from one that scores none.
    func compare(_ scores: GoldenScores?) async throws -> GoldenLikelihood {
        guard let scores else {
            return GoldenLikelihood(
                unknown: "the trainer gave no log-probabilities of its answers; fledge retry has it give them")
        }
        // One after the other, and not in turns: a server may have to read the model anew when the adapter changes.
        let tuned: [AnswerLikelihood]
        let plain: [AnswerLikelihood]
        var tooLong = 0
        switch try await ask(
            scores.tuned.map {
                $0.map { ($0.prompt, $0.answer, AnswerLikelihood(trained: $0.tuned, served: [], base: $0.base)) }
            }, of: adapter)
        {
        case .unknown(let why): return GoldenLikelihood(unknown: why)
        case .scored(let answers, let count): (tuned, tooLong) = (answers, count)
        }
        let base = zip(scores.base, scores.tuned).map { base, tuned in
            base.flatMap { base in
                tuned.map { ($0.prompt, base.answer, AnswerLikelihood(trained: base.base, served: [])) }
            }
        }
        switch try await ask(base, of: nil) {
        case .unknown(let why): return GoldenLikelihood(unknown: why)
        case .scored(let answers, _): plain = answers
        }
        return GoldenLikelihood(tuned: tuned, base: plain, tooLong: tooLong)
    }

    private func ask(
        _ answers: [(prompt: [Int], answer: [Int], trained: AnswerLikelihood)?], of adapter: AdapterDigest?
    ) async throws -> Outcome {
        var scored: [AnswerLikelihood] = []
        var tooLong = 0
        for case let (prompt, answer, trained)? in answers where trained.trained.count == answer.count {
            guard prompt.count + answer.count <= Self.longest else {
                tooLong += 1
                continue
            }
            let request = ScoringRequest(model: model, adapter: adapter, prompt: prompt, answer: answer)
            switch try await server.score(request) {
            case .tokens(let served):
                var likelihood = trained
                likelihood.served = served
                scored.append(likelihood)
            case .tooLong: tooLong += 1
            case .unknown(let why): return .unknown(why)
            }
        }
        return .scored(scored, tooLong: tooLong)
    }
}

/// The trainer's golden answers as tokens, with the log-probabilities that its models give them.
package struct GoldenScores: Codable, Hashable, Sendable {
    /// An answer of the tuned model.
    package struct Tuned: Codable, Hashable, Sendable {
        /// The tokens of the prompt, as the chat template writes it up to the answer.
        package var prompt: [Int]
        /// Those of the answer, with the one that ended it; an answer that was cut off has none.
        package var answer: [Int]
        /// What the tuned model gives each of them.
        package var tuned: [Double]
        /// What the base gives them.
        package var base: [Double]

        package init(prompt: [Int], answer: [Int], tuned: [Double], base: [Double]) {
            self.prompt = prompt
            self.answer = answer
            self.tuned = tuned
            self.base = base
        }
    }

    /// An answer of the base model, to the prompt at the same place.
    package struct Base: Codable, Hashable, Sendable {
        package var answer: [Int]
        package var base: [Double]

        package init(answer: [Int], base: [Double]) {
            self.answer = answer
            self.base = base
        }
    }

    /// To the first of the golden prompts, in order; nil for one that could not be scored.
    package var tuned: [Tuned?]
    package var base: [Base?]

    package init(tuned: [Tuned?], base: [Base?]) {
        self.tuned = tuned
        self.base = base
    }
}

/// The overlap of two texts' words and meaning marks (see `AnswerTokens`), counted with multiplicity, as question answering
/// is scored (Rajpurkar et al., *SQuAD*, EMNLP 2016, §6.1).
package enum TokenOverlap {
    /// F1 = 2PR / (P + R), where P and R are the shared words over the output's and over the expected words; two texts
    /// without words agree.
    package static func f1(output: String, expected: String) -> Double {
        let given = AnswerForm.tokens(of: output)
        let wanted = AnswerForm.tokens(of: expected)
        guard !given.isEmpty, !wanted.isEmpty else { return given.isEmpty && wanted.isEmpty ? 1 : 0 }
        var left: [String: Int] = [:]
        for word in wanted { left[word, default: 0] += 1 }
        var shared = 0
        for word in given where left[word, default: 0] > 0 {
            left[word, default: 0] -= 1
            shared += 1
        }
        return 2 * Double(shared) / Double(given.count + wanted.count)
    }
}

/// Finds out whether prompts repeat examples' text: a prompt that holds an answer measures nothing.
package struct CopyCheck: Sendable {
    /// As many consecutive words of an example are a copy.
    package static let words = 5

    private var copied: [CandidateID: Int] = [:]

    /// - Parameters:
    ///   - candidates: their instructions are looked at; their demonstrations are declared, and never scored on.
    ///   - declared: prompts of the definition, whose words a person has chosen; these may be repeated.
    ///   - examples: of every split.
    /// - Throws: `CancellationError` where the task was cancelled.
    package init(
        _ candidates: [Candidate], declared: [Candidate], examples: [Example]
    ) throws(CancellationError) {
        var point = CancellationPoint()
        let known = Set(declared.flatMap(Self.runs))
        var owners: [ArraySlice<String>: [CandidateID]] = [:]
        for candidate in candidates {
            for run in Set(Self.runs(candidate)).subtracting(known) { owners[run, default: []].append(candidate.id) }
        }
        guard !owners.isEmpty else { return }
        for example in examples {
            for text in example.inputs.values.sorted() + [example.expected] {
                try point.pass(64 + 8 * text.utf8.count)
                for run in Self.runs(AnswerText.words(text)) {
                    for owner in owners[run] ?? [] where copied[owner] == nil { copied[owner] = example.row }
                }
            }
        }
    }

    /// Why a candidate is refused; nil for one whose instructions are its own words.
    package func refusal(of candidate: Candidate) -> String? {
        copied[candidate.id].map { "it repeats \(Self.words) consecutive words of the example in row \($0)" }
    }

    private static func runs(_ candidate: Candidate) -> [ArraySlice<String>] {
        runs(AnswerText.words(candidate.system ?? "")) + runs(AnswerText.words(candidate.user))
    }

    private static func runs(_ words: [String]) -> [ArraySlice<String>] {
        words.count < Self.words
            ? [] : (0...(words.count - Self.words)).map { words[$0..<($0 + Self.words)] }
    }
}

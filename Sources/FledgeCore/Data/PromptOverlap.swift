import FledgeDocument

/// Finds rows whose text stands in a prompt: word n-gram overlap, as GPT-3's authors checked their test sets (Brown et
/// al. 2020, appendix C, with n from 8 to 13).
///
/// A row is in a prompt when they share 8 words in a row; a row's input of 4 to 7 words, and at least 20 characters, when
/// the prompt holds it whole. Words that more than 10 rows, and more than 1% of the rows, share are boilerplate and don't
/// count. Words are those of `NormalizedText`; n-grams never reach over a hole of the template.
package struct PromptOverlap: Sendable {
    package static let words = 8
    package static let fewestWords = 4
    package static let fewestCharacters = 20
    package static let boilerplateRows = 10
    package static let boilerplateShare = 0.01

    private struct Prompt: Sendable {
        var name: String
        var words: Set<Substring> = []
        /// The words as their bytes' fingerprints.
        var prints: Set<UInt64> = []
        /// Hashes of the prompt's n-grams, by n from `fewestWords`.
        var grams: [Set<UInt64>]
    }

    private let prompts: [Prompt]

    /// - Parameter prompts: names, with the texts that stand in each: literals of templates, demonstrations.
    package init(_ prompts: [(name: String, texts: [String])]) {
        self.prompts = prompts.map { prompt in
            var indexed = Prompt(
                name: prompt.name, grams: Array(repeating: [], count: Self.words - Self.fewestWords + 1))
            for text in prompt.texts {
                let words = NormalizedText(text).words
                indexed.words.formUnion(words)
                for word in words { indexed.prints.formUnion(WordRuns.prints(of: String(word))) }
                for count in Self.fewestWords...Self.words {
                    indexed.grams[count - Self.fewestWords].formUnion(Self.grams(of: count, in: words[...]))
                }
            }
            return indexed
        }
    }

    package init(_ definition: UseCaseDefinition) {
        self.init(
            (definition.promptPrototype?.prompts ?? []).map { prompt in
                (prompt.name, PromptTemplate(prompt.system ?? "").literals + PromptTemplate(prompt.user).literals)
            })
    }

    /// A row's place, and the name of a prompt that holds text of it.
    /// - Parameter plain: of each row, as `PlainTexts.column` gives it.
    /// - Throws: `CancellationError` where the task was cancelled.
    func find(in rows: LabelledRows, plain: TextColumn) throws(CancellationError) -> [(row: Int, prompt: String)] {
        var point = CancellationPoint()
        var found: [(row: Int, prompt: String)] = []
        for prompt in prompts where !prompt.words.isEmpty {
            var shared: [(row: Int, grams: Set<UInt64>)] = []
            var counts: [UInt64: Int] = [:]
            let runs = WordRuns(prompt.prints, least: Self.fewestWords)
            let answers = try runs.answers(of: rows, &point)
            for place in 0..<rows.count {
                try point.pass(64 + plain.withBytes(of: place, \.count))
                guard answers[Int(rows.sameExpected[place])] || plain.withBytes(of: place, runs.mayHold) else {
                    continue
                }
                let grams = Self.shared(rows[place], with: prompt)
                if grams.isEmpty { continue }
                shared.append((place, grams))
                for gram in grams { counts[gram, default: 0] += 1 }
            }
            let limit = max(Self.boilerplateRows, Int(saturating: Self.boilerplateShare * Double(rows.count)))
            for (place, grams) in shared where grams.contains(where: { counts[$0, default: 0] <= limit }) {
                found.append((place, prompt.name))
            }
        }
        return found
    }

    /// The n-grams that a row has in common with a prompt.
    private static func shared(_ row: DatasetSplitter.Row, with prompt: Prompt) -> Set<UInt64> {
        var shared: Set<UInt64> = []
        for (text, isInput) in row.inputs.values.map({ ($0, true) }) + [(row.expected, false)] {
            let normalized = NormalizedText(text)
            let all = normalized.words
            guard all.count >= fewestWords else { continue }
            let isShort = all.count < words
            if isShort && (!isInput || normalized.plain.unicodeScalars.count < fewestCharacters) { continue }
            let length = isShort ? all.count : words
            let known = prompt.grams[length - fewestWords]
            // Only where enough words in a row are the prompt's can an n-gram be.
            for run in all.split(whereSeparator: { !prompt.words.contains($0) }) where run.count >= length {
                shared.formUnion(grams(of: length, in: run).filter(known.contains))
            }
        }
        return shared
    }

    private static func grams(of count: Int, in words: ArraySlice<Substring>) -> [UInt64] {
        guard words.count >= count else { return [] }
        return (words.startIndex...(words.endIndex - count)).map { start in
            StableHash.hash(words[start..<start + count].joined(separator: " "), seed: UInt64(count))
        }
    }
}

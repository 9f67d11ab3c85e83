import FledgeDocument

/// Changes of a prompt that need no model: the same prompt gives the same edits everywhere.
package struct PromptEdits: Sendable {
    private let labels: [String]
    private let decoding: DecodingDefinition
    private let expectedField: String
    private let definitions: String?

    /// - Parameters:
    ///   - labels: the distinct answers, where answers are held to them; else none.
    ///   - pool: examples that may stand in a prompt; what labels mean is read off these.
    ///   - expectedField: the field that holds the answer.
    package init(labels: [String], decoding: DecodingDefinition, pool: [Example], expectedField: String) {
        self.labels = labels
        self.decoding = decoding
        self.expectedField = expectedField
        definitions = Self.definitions(of: labels, in: pool)
    }

    /// Every edit that changes the prompt, by its name.
    package func edits(of candidate: Candidate) -> [(name: String, candidate: Candidate)] {
        let made: [(String, Candidate?)] = [
            ("labels", withLabels(candidate)), ("definitions", withDefinitions(candidate)),
            ("format", withFormat(candidate)), ("frame", framed(candidate)), ("short", shortened(candidate)),
            ("last", instructionLast(candidate)),
        ]
        return made.compactMap { name, edited in
            guard let edited, edited.id != candidate.id, !opensHoles(edited, candidate) else { return nil }
            return (name, edited)
        }
    }

    /// A label or a field's name with braces in it, written into a prompt, would be a hole of it. An instruction that is put
    /// behind the question takes its holes along.
    private func opensHoles(_ edited: Candidate, _ candidate: Candidate) -> Bool {
        func holes(_ text: String?) -> Set<String> { Set(PromptTemplate(text ?? "").fields) }
        let known = holes(candidate.system)
        return !holes(edited.system).isSubset(of: known)
            || !holes(edited.user).isSubset(of: holes(candidate.user).union(known))
    }

    /// Names the labels where the instruction does not.
    private func withLabels(_ candidate: Candidate) -> Candidate? {
        guard !labels.isEmpty, !namesLabels(candidate) else { return nil }
        return appending("Answer with one of: \(labels.joined(separator: ", ")).", to: candidate)
    }

    /// Says by which words each label's examples stand out.
    private func withDefinitions(_ candidate: Candidate) -> Candidate? {
        guard let definitions else { return nil }
        return appending(definitions, to: withLabels(candidate) ?? candidate)
    }

    private func withFormat(_ candidate: Candidate) -> Candidate? {
        let rule =
            if decoding.jsonSchema != nil {
                "Answer with one JSON object and nothing before or after it."
            } else if !labels.isEmpty {
                "Answer with the label alone, spelled as it is given, and nothing else."
            } else {
                "Answer with the result alone: no introduction, no explanation."
            }
        return appending(rule, to: withLabels(candidate) ?? candidate)
    }

    /// Gives each field its name, and ends on the name of what is asked for: `Gloss: …`, `Category:`.
    private func framed(_ candidate: Candidate) -> Candidate? {
        let fields = PromptTemplate(candidate.user).fields
        let bare = fields.map { "{{\($0)}}" }.joined(separator: "\n")
        guard !fields.isEmpty, candidate.user.filter({ !$0.isWhitespace }) == bare.filter({ !$0.isWhitespace }) else {
            return nil
        }
        var edited = candidate
        edited.user =
            fields.map { "\(Self.title($0)): {{\($0)}}" }.joined(separator: "\n") + "\n\(Self.title(expectedField)):"
        return edited
    }

    /// Keeps the first sentence of the instruction, and those that name a label or a field.
    private func shortened(_ candidate: Candidate) -> Candidate? {
        guard let system = candidate.system else { return nil }
        let sentences = Self.sentences(system)
        guard sentences.count > 1 else { return nil }
        let kept = sentences.enumerated().filter { index, sentence in
            let words = Set(AnswerForm.tokens(of: sentence))
            return index == 0 || sentence.contains("{{")
                || labels.contains { words.isSuperset(of: AnswerForm.tokens(of: $0)) }
        }.map(\.element)
        var edited = candidate
        edited.system = kept.joined(separator: " ")
        return edited
    }

    /// Puts the instruction behind the question, where a small model still remembers it.
    private func instructionLast(_ candidate: Candidate) -> Candidate? {
        guard let system = candidate.system, candidate.demonstrations.isEmpty else { return nil }
        var edited = candidate
        edited.system = nil
        edited.user = candidate.user + "\n\n" + system
        return edited
    }

    private func namesLabels(_ candidate: Candidate) -> Bool {
        let words = Set(AnswerForm.tokens(of: (candidate.system ?? "") + " " + candidate.user))
        return labels.allSatisfy { words.isSuperset(of: AnswerForm.tokens(of: $0)) }
    }

    private func appending(_ text: String, to candidate: Candidate) -> Candidate {
        var edited = candidate
        let separator = text.contains("\n") ? "\n" : " "
        edited.system = candidate.system.map { $0 + separator + text } ?? text
        return edited
    }

    private static func title(_ field: String) -> String {
        field.prefix(1).uppercased() + field.dropFirst().replacing("_", with: " ")
    }

    /// Sentences with their final mark; a line break ends one too.
    static func sentences(_ text: String) -> [String] {
        var sentences: [String] = []
        var current = ""
        for (index, character) in zip(text.indices, text) {
            let next = text.index(after: index)
            let endsHere = ".!?".contains(character) && (next == text.endIndex || text[next].isWhitespace)
            if character.isNewline || endsHere {
                if !character.isNewline { current.append(character) }
                sentences.append(AnswerText.trimmed(current))
                current = ""
            } else {
                current.append(character)
            }
        }
        sentences.append(AnswerText.trimmed(current))
        return sentences.filter { !$0.isEmpty }
    }

    /// For each label, up to four words that stand out in its examples: those whose share among its own examples is more
    /// than twice that among all others, the largest share weighted by that ratio first.
    private static func definitions(of labels: [String], in pool: [Example]) -> String? {
        guard labels.count > 1, labels.count <= 40 else { return nil }
        var counts: [String: [String: Int]] = [:]
        var totals: [String: Int] = [:]
        for example in pool {
            let words = Set(example.inputs.values.flatMap(AnswerText.words)).filter { $0.count > 3 }
            for word in words {
                counts[word, default: [:]][example.expected, default: 0] += 1
            }
            totals[example.expected, default: 0] += 1
        }
        let lines = labels.compactMap { label -> String? in
            guard let own = totals[label], own > 1 else { return nil }
            let others = pool.count - own
            let telling = counts.compactMap { word, byLabel -> (word: String, weight: Double)? in
                guard let here = byLabel[label], here > 1 else { return nil }
                let elsewhere = byLabel.values.reduce(0, +) - here
                let share = (Double(here) + 0.5) / Double(own + 1)
                let otherShare = (Double(elsewhere) + 0.5) / Double(others + 1)
                return share > 2 * otherShare ? (word, share / otherShare * share) : nil
            }
            let words = telling.sorted { ($1.weight, $0.word) < ($0.weight, $1.word) }.prefix(4).map(\.word)
            return words.isEmpty ? nil : "\(label): \(words.joined(separator: ", "))"
        }
        guard lines.count > 1 else { return nil }
        return "Words that go with each answer:\n" + lines.joined(separator: "\n")
    }
}

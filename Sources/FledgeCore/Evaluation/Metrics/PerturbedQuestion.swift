import FledgeDocument

/// An example's inputs, changed in a way that should not change what is right, and the candidate that is asked: the same text
/// and seed give the same change.
package struct PerturbedQuestion: Hashable, Sendable {
    package var inputs: [String: String]
    package var candidate: Candidate

    package init(inputs: [String: String], candidate: Candidate) {
        self.inputs = inputs
        self.candidate = candidate
    }

    /// Samples of changed inputs have repeat numbers from here on, one for each perturbation in the criterion's order:
    /// they are no repeats of the same question.
    package static let firstRepeat = 1000

    /// - Parameter order: the inputs' names as the definition lists them.
    /// - Throws: `CancellationError` where the task was cancelled.
    package static func question(
        _ perturbation: PerturbationDefinition, of example: Example, to candidate: Candidate, order: [String]
    ) throws(CancellationError) -> Self {
        var question = Self(inputs: example.inputs, candidate: candidate)
        switch perturbation {
        case .letterCase: question.inputs = example.inputs.mapValues(otherCase)
        case .typos: for (name, text) in example.inputs { question.inputs[name] = try withTypos(text) }
        case .reorderedChoices: question.candidate = reordered(candidate, for: example)
        case .paraphrase(let field):
            if let first = order.first, let text = example.fields[field], !text.isEmpty {
                question.inputs[first] = text
            }
        }
        return question
    }

    /// All lower, all upper, or each word's first letter raised; whichever of them, from the text's hash on, differs.
    package static func otherCase(_ text: String) -> String {
        let forms = [text.lowercased(), text.uppercased(), capitalized(text)]
        let start = Int(StableHash.hash(text, seed: 41) % UInt64(forms.count))
        return (forms[start...] + forms[..<start]).first { $0 != text } ?? text
    }

    private static func capitalized(_ text: String) -> String {
        var startsWord = true
        return String(
            text.flatMap { character -> [Character] in
                defer { startsWord = !character.isLetter }
                return startsWord ? Array(character.uppercased()) : [character]
            })
    }

    /// One slip for every twelve letters, at least one: two neighbouring letters swapped, one doubled, or one left out.
    /// Digits, and the first letter of a word, stay: a number with a slip is another number.
    ///
    /// - Throws: `CancellationError` where the task was cancelled: a long text is looked through for every slip.
    package static func withTypos(_ text: String) throws(CancellationError) -> String {
        var letters = Array(text)
        var isLetter = letters.map(\.isLetter)
        var point = CancellationPoint()
        var places: [Int] = []
        places.reserveCapacity(letters.count)
        var random = SplitMix64(seed: StableHash.hash(text, seed: 43))
        for _ in 0..<max(1, letters.count / 12) {
            try point.pass(letters.count)
            places.removeAll(keepingCapacity: true)
            for place in stride(from: 1, to: letters.count - 1, by: 1)
            where isLetter[place] && isLetter[place - 1] && isLetter[place + 1] {
                places.append(place)
            }
            guard !places.isEmpty else { break }
            let place = places[Int(random.next(below: UInt64(places.count)))]
            switch random.next(below: 3) {
            case 0: letters.swapAt(place, place + 1)
            case 1:
                letters.insert(letters[place], at: place)
                isLetter.insert(true, at: place)
            default:
                letters.remove(at: place)
                isLetter.remove(at: place)
            }
        }
        return String(letters)
    }

    /// The choices turned round by a number of places that the example's hash gives, also where a message lists them.
    private static func reordered(_ candidate: Candidate, for example: Example) -> Candidate {
        guard let choices = candidate.choices, choices.count > 1 else { return candidate }
        let hash = StableHash.hash(CanonicalJSON.text(of: example.inputs), seed: 47)
        let turn = 1 + Int(hash % UInt64(choices.count - 1))
        let turned = Array(choices[turn...] + choices[..<turn])
        var changed = candidate
        changed.choices = turned
        for separator in [", ", "\n", "\n- ", " | ", "; "] {
            let listed = choices.joined(separator: separator)
            let relisted = turned.joined(separator: separator)
            changed.user = changed.user.replacing(listed, with: relisted)
            changed.system = changed.system?.replacing(listed, with: relisted)
        }
        return changed
    }
}

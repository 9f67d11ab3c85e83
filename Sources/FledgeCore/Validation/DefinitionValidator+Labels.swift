import FledgeDocument

/// What the expected answers say of criteria and decoding.
extension DefinitionValidator {
    static func checkLabels(_ useCase: UseCaseDefinition, _ facts: DatasetFacts, _ findings: inout Findings) {
        guard facts.error == nil, !facts.answers.isEmpty else { return }
        let counts = Dictionary(facts.answers.lazy.map { ($0.text, $0.rows) }, uniquingKeysWith: +)
        let rows = facts.answers.reduce(0) { $0 + $1.rows }
        let metrics = useCase.scoredMetrics
        checkFields(metrics, counts.keys.sorted(), useCase, &findings)
        let choices = useCase.promptPrototype?.decoding.choices ?? .none
        guard choices == .labels || metrics.contains(where: { $0.metric.comparesWholeAnswers }) else { return }
        if counts.count == 1, rows > 1 {
            findings.warning(
                "data.one_label",
                "all \(rows) rows have the same expected answer: there is nothing to tell apart, and nothing to show",
                at: "dataset.expected", hint: "add rows with other answers, or name another field in Expected(…)")
        }
        checkForms(facts.answers.map(\.text), choices, &findings)
        checkAlike(counts, &findings)
        checkLength(counts.keys, useCase, &findings)
        checkMajority(counts, rows: rows, useCase, &findings)
    }

    /// The same text in two Unicode forms is one label to a person, and two to a server that is held to choices.
    private static func checkForms(_ answers: [String], _ choices: ChoiceConstraint, _ findings: inout Findings) {
        guard choices == .labels else { return }
        var written: [String: [UInt8]] = [:]
        var twice: Set<String> = []
        for answer in answers where answer.utf8.contains(where: { $0 >= 0x80 }) {
            let bytes = Array(answer.utf8)
            if let earlier = written.updateValue(bytes, forKey: answer), earlier != bytes { twice.insert(answer) }
        }
        guard let first = twice.min() else { return }
        findings.error(
            "data.label_forms",
            "\(counted(twice.count, "label")) \(twice.count == 1 ? "is" : "are") written in two Unicode forms, as \(shown(first)): they are one label, and would be two choices",
            at: "dataset.expected", hint: "write the file in one form, NFC mostly")
    }

    /// More distinct answers are free texts, not labels.
    private static let mostLabels = 2_000
    private static let mostShown = 3

    private static func checkAlike(_ counts: [String: Int], _ findings: inout Findings) {
        guard counts.count <= mostLabels else { return }
        let comparison = LabelComparison(counts.keys)
        guard !comparison.alike.isEmpty else { return }
        let groups = comparison.alike.prefix(mostShown).map { group in
            group.prefix(mostShown).map { "\(shown($0)) (\(comparison.form(of: $0).words))" }.joined(separator: " and ")
                + (group.count > mostShown ? " and \(group.count - mostShown) more" : "")
        }
        let more = comparison.alike.count - groups.count
        findings.warning(
            "data.labels_alike",
            "labels differ in case, spacing or punctuation alone: \(groups.joined(separator: "; "))"
                + (more > 0 ? "; and \(counted(more, "group")) more" : ""),
            at: "dataset.expected",
            hint:
                "an answer has to be written like the label, as said in brackets; where two of them mean the same, write them alike in the data"
        )
    }

    /// A token holds no more bytes: the longest words that vocabularies have as one token are about 20 letters long, and most
    /// tokens hold about four.
    package static let mostBytesOfAToken = 24

    private static func checkLength(
        _ labels: some Sequence<String>, _ useCase: UseCaseDefinition, _ findings: inout Findings
    ) {
        guard let tokens = useCase.promptPrototype?.decoding.maxTokens, (1...100_000).contains(tokens) else { return }
        let lengths = labels.map(\.utf8.count)
        let tooLong = lengths.filter { $0 > tokens * mostBytesOfAToken }
        guard let longest = tooLong.max() else { return }
        findings.warning(
            "decoding.label_too_long",
            "\(tooLong.count) of \(counted(lengths.count, "expected answer")) cannot be said in \(counted(tokens, "token")): the longest has \(longest) bytes, and \(counted(tokens, "token")) hold \(tokens * mostBytesOfAToken) at most",
            at: "promptPrototype.decoding",
            hint: "Decoding(maxTokens: \(longest / 3 + 8)) holds it in most vocabularies")
    }

    private static func checkMajority(
        _ counts: [String: Int], rows: Int, _ useCase: UseCaseDefinition, _ findings: inout Findings
    ) {
        guard counts.count > 1, rows >= 20, let most = counts.values.max() else { return }
        let share = Double(most) / Double(rows)
        for (index, criterion) in (useCase.validation?.require ?? []).enumerated() {
            guard let score = criterion.metric.metric.scoreOfMajority(share: share, labels: counts.count),
                case .atLeast(let bound) = criterion.bound, bound < score
            else {
                continue
            }
            findings.warning(
                "criterion.below_majority",
                "\(most) of \(rows) rows have the same expected answer: always giving it makes \(criterion.metric.title) \(score.formatted(decimals: 3)), and at least \(bound) is asked for",
                at: "validation.require[\(index)]",
                hint: "ask for more than \(score.formatted(decimals: 3)), or balance the data")
        }
    }

    /// Fields of JSON answers that no expected answer has.
    private static func checkFields(
        _ metrics: [MetricDefinition], _ answers: [String], _ useCase: UseCaseDefinition, _ findings: inout Findings
    ) {
        guard metrics.contains(where: { $0.metric.asksJSON }) else { return }
        let objects = answers.filter { !JSONFieldScorer.fields(of: $0).isEmpty }
        guard !objects.isEmpty else { return }
        for case .jsonField(let field, let comparison) in metrics where !field.isEmpty {
            let known = answers.count { JSONFieldScorer.has(field, in: $0) }
            guard known == 0 else { continue }
            let names = Set(objects.prefix(100).flatMap(JSONFieldScorer.fields))
            let index = useCase.validation?.require.firstIndex { $0.metric == .jsonField(field, comparison) }
            findings.error(
                "criterion.unknown_field", "no expected answer has the field \(field)",
                at: index.map { "validation.require[\($0)]" } ?? "promptPrototype.advance",
                hint: Suggestion.hint(
                    for: field, among: names,
                    else: "their fields are " + names.sorted().prefix(20).joined(separator: ", ")))
        }
    }

    /// A label that a person may be shown: personal data masked, long ones cut, invisible characters by their codes.
    private static func shown(_ label: String) -> String {
        var text = ""
        for scalar in PersonalDataScanner.masking(Set(PersonalDataKind.allCases), in: label).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .nonspacingMark:
                text += "<U+\(String(scalar.value, radix: 16, uppercase: true))>"
            default:
                text.unicodeScalars.append(scalar)
            }
            if text.count > 40 { return "\"\(text.prefix(39))…\"" }
        }
        return "\"\(text)\""
    }

    private static func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
}

extension AnswerForm {
    /// How an answer has to be written to be a label that is compared so.
    fileprivate var words: String {
        switch self {
        case .meaning: "in any case"
        case .caseless: "with its punctuation"
        case .plain: "with its case and punctuation"
        case .exact: "exactly"
        }
    }
}

/// Compares answers with expected texts so that no two of them become one.
///
/// Each label of the data is compared in the mildest form in which it differs from every other label: `billing` by its words
/// and marks, `it` beside `IT` with its case, `sign-in` beside `sign in` with its hyphen. An answer so never agrees with two
/// labels: forms are nested, and one that agreed with both would make them agree in the milder of their forms.
package struct LabelComparison: Sendable {
    /// The labels that need a form stricter than `.meaning`.
    private let forms: [String: AnswerForm]
    /// All labels, in the mildest form.
    private let known: Set<String>
    /// The labels that differ in no word and in no mark that carries meaning, in groups, in order.
    package let alike: [[String]]

    /// - Parameter labels: the expected texts of the data; repeated ones count once.
    package init(_ labels: some Sequence<String>) {
        var forms: [String: AnswerForm] = [:]
        var open = Array(Set(labels.lazy.map(AnswerText.trimmed)))
        known = Set(open.lazy.map(AnswerForm.meaning.of))
        var alike: [[String]] = []
        for form in AnswerForm.allCases.dropLast() {
            let joined = Dictionary(grouping: open, by: form.of).values.filter { $0.count > 1 }
            if form == .meaning { alike = joined.map { $0.sorted() }.sorted { $0[0] < $1[0] } }
            open = joined.flatMap { $0 }
            if open.isEmpty { break }
            let next = AnswerForm(rawValue: form.rawValue + 1) ?? .exact
            for label in open { forms[label] = next }
        }
        self.forms = forms
        self.alike = alike
    }

    /// The form in which a label is compared; the mildest for a text that is none of the labels.
    package func form(of label: String) -> AnswerForm {
        forms.isEmpty ? .meaning : forms[AnswerText.trimmed(label)] ?? .meaning
    }

    /// Whether an answer is one of the labels, right or wrong.
    package func isLabel(_ answer: String) -> Bool { known.contains(AnswerForm.meaning.of(answer)) }

    /// Whether an answer says what is expected.
    package func agree(_ answer: String, with expected: String) -> Bool {
        if answer == expected { return true }
        let form = form(of: expected)
        return form.of(answer) == form.of(expected)
    }
}

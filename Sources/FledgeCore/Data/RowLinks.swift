/// Which rows of a dataset say the same, whatever split they are in.
///
/// Rows are exact duplicates when every input has the same `NormalizedText.plain`. Where rows that agree in that have
/// different answers, what tells them apart may be content (`3 - 4`, `3 / 4`): then they have to agree in
/// `NormalizedText.light`. In the same way, texts that differ in numbers alone (`order 17 came late`) are near duplicates
/// only where all texts of that form have one answer.
package struct RowLinks: Sendable {
    /// Rows by their places; each class has two or more.
    package private(set) var exact: [[Int]] = []
    /// Rows whose groups have the same name but for case, white space and punctuation.
    package private(set) var groups: [[Int]] = []
    /// Classes of rows that are nearly the same: a class for each of two texts, and their similarity.
    package private(set) var near: [(first: [Int], second: [Int], similarity: Double)] = []
    /// Whether every candidate for a near duplicate was compared.
    package private(set) var isComplete = true

    package init(_ rows: [DatasetSplitter.Row]) {
        let texts = rows.map(RowText.init)
        let classes = Self.classes(of: texts)
        exact = classes.filter { $0.count > 1 }
        groups = Self.classes(of: rows)
        var answers: [String: Set<String>] = [:]
        for text in texts where text.hasNumbers { answers[text.withoutNumbers, default: []].insert(text.answer) }
        let outcome = NearDuplicates.find(in: classes.map { texts[$0[0]].plain }) { left, right in
            let one = texts[classes[left][0]]
            let other = texts[classes[right][0]]
            // The same but for punctuation that matters, or but for numbers that do.
            return one.plain == other.plain
                || one.withoutNumbers == other.withoutNumbers && (answers[one.withoutNumbers]?.count ?? 0) > 1
        }
        near = outcome.pairs.map { (classes[$0.first], classes[$0.second], $0.similarity) }
        isComplete = outcome.isComplete
    }

    /// Every row in exactly one class, in the order of the classes' first rows.
    private static func classes(of texts: [RowText]) -> [[Int]] {
        var byPlain: [String: [Int]] = [:]
        for (place, text) in texts.enumerated() { byPlain[text.plain, default: []].append(place) }
        var classes: [[Int]] = []
        for members in byPlain.values {
            if members.count == 1 || Set(members.map { texts[$0].answer }).count == 1 {
                classes.append(members)
            } else {
                classes += Dictionary(grouping: members) { texts[$0].light }.values
            }
        }
        return classes.sorted { $0[0] < $1[0] }
    }

    private static func classes(of rows: [DatasetSplitter.Row]) -> [[Int]] {
        var byName: [String: [Int]] = [:]
        for (place, row) in rows.enumerated() {
            guard let group = row.group, !group.isEmpty else { continue }
            byName[NormalizedText(group).plain, default: []].append(place)
        }
        return byName.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    }

    /// What of a row is compared.
    private struct RowText {
        let plain: String
        let light: String
        let answer: String
        let hasNumbers: Bool
        let withoutNumbers: String

        init(_ row: DatasetSplitter.Row) {
            let fields = row.inputs.sorted { $0.key < $1.key }.map { NormalizedText($0.value) }
            plain = fields.map(\.plain).joined(separator: "\u{1F}")
            light = fields.map(\.light).joined(separator: "\u{1F}")
            answer = AnswerForm.meaning.of(row.expected)
            let form = fields.map(\.withoutNumbers).joined(separator: "\u{1F}")
            hasNumbers = form != plain || plain.utf8.contains(UInt8(ascii: "0"))
            withoutNumbers = form
        }
    }
}

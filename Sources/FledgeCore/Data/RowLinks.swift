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

    /// - Parameter plain: of each row, as `PlainTexts.column` gives it.
    /// - Throws: `CancellationError` where the task was cancelled.
    init(_ rows: LabelledRows, plain: TextColumn) throws(CancellationError) {
        var point = CancellationPoint()
        var answers = Answers(rows)
        let classes = try Classes(rows, plain: plain, &answers, &point)
        exact = classes.larger.map(\.members)
        groups = try Self.groups(of: rows, &point)
        let forms = try NumberForms(plain, &answers, &point)
        let outcome = try NearDuplicates.find(in: plain, places: classes.firsts) { left, right in
            // The same but for punctuation that matters, or but for numbers that do.
            plain.withBytes(of: left) { one in plain.withBytes(of: right) { ByteScratch.areEqual(one, $0) } }
                || forms.isContent(left, right)
        }
        near = outcome.pairs.map { (classes.members(of: $0.first), classes.members(of: $0.second), $0.similarity) }
        isComplete = outcome.isComplete
    }

    private static func groups(
        of rows: LabelledRows, _ point: inout CancellationPoint
    ) throws(CancellationError) -> [[Int]] {
        guard let names = rows.group else { return [] }
        let scratch = ByteScratch()
        let other = ByteScratch()
        func write(_ place: Int, to target: ByteScratch) {
            target.clear()
            names.withBytes(of: place) { PlainTexts.writePlain($0, to: target) }
        }
        var firsts = FirstPlaces(count: rows.count)
        var alike = Alike(count: rows.count)
        for place in 0..<rows.count where names.withBytes(of: place, { !$0.isEmpty }) {
            write(place, to: scratch)
            try point.pass(64 + scratch.count)
            let first = firsts.first(place, Fingerprint.of(scratch.bytes)) {
                write($0, to: other)
                return ByteScratch.areEqual(scratch.bytes, other.bytes)
            }
            alike.add(place, first: first)
        }
        return alike.larger
    }

    // MARK: - Rows that say the same

    /// Places by the first one that is like them.
    private struct Alike {
        /// For each place that is the first of its class, how many members the class has.
        private var counts: [Int32]
        private var repeated: [Int: [Int]] = [:]

        init(count: Int) { counts = [Int32](repeating: 0, count: count) }

        mutating func add(_ place: Int, first: Int) {
            counts[first] += 1
            if place != first { repeated[first, default: [first]].append(place) }
        }

        /// The classes of two members or more, by their first member.
        var larger: [[Int]] { repeated.values.sorted { $0[0] < $1[0] } }
        /// The places that are alone in their class.
        var single: [Int] { counts.indices.filter { counts[$0] == 1 } }
    }

    /// Every row in exactly one class.
    private struct Classes {
        /// The first row of each class, ascending.
        let firsts: [Int]
        /// The classes of two rows or more, by their first row.
        let larger: [(first: Int, members: [Int])]
        private let byFirst: [Int: [Int]]

        init(
            _ rows: LabelledRows, plain: TextColumn, _ answers: inout Answers, _ point: inout CancellationPoint
        ) throws(CancellationError) {
            var alike = Alike(count: rows.count)
            let firstAlike = try plain.firstAlike { bytes throws(CancellationError) in try point.pass(bytes) }
            for (place, first) in firstAlike.enumerated() { alike.add(place, first: Int(first)) }
            var classes: [[Int]] = []
            for members in alike.larger {
                try point.pass(64 * members.count)
                if members.dropFirst().allSatisfy({ answers.areSame(members[0], $0) }) {
                    classes.append(members)
                } else {
                    classes += Dictionary(grouping: members) { PlainTexts.light(of: rows, $0) }.values
                }
            }
            firsts = (alike.single + classes.map { $0[0] }).sorted()
            larger = classes.filter { $0.count > 1 }.map { ($0[0], $0) }.sorted { $0.first < $1.first }
            byFirst = Dictionary(uniqueKeysWithValues: larger.map { ($0.first, $0.members) })
        }

        func members(of first: Int) -> [Int] { byFirst[first] ?? [first] }
    }

    /// The answers of rows, in the form in which they are compared, made where two of them have to be.
    private struct Answers {
        private let rows: LabelledRows
        private var meanings: [Int32: String] = [:]

        init(_ rows: LabelledRows) { self.rows = rows }

        mutating func areSame(_ one: Int, _ other: Int) -> Bool {
            rows.sameExpected[one] == rows.sameExpected[other] || meaning(of: one) == meaning(of: other)
        }

        private mutating func meaning(of place: Int) -> String {
            let first = rows.sameExpected[place]
            if let known = meanings[first] { return known }
            let meaning = AnswerForm.meaning.of(rows.expected[Int(first)] ?? "")
            meanings[first] = meaning
            return meaning
        }
    }

    /// Which texts differ in numbers alone, and whether the numbers change the answer.
    private struct NumberForms {
        /// For each row, the first row that has the same form; −1 for a row without numbers.
        private var firstOfForm: [Int32]
        /// The first rows of forms that have more than one answer.
        private var mixed: Set<Int32> = []

        init(
            _ plain: TextColumn, _ answers: inout Answers, _ point: inout CancellationPoint
        ) throws(CancellationError) {
            firstOfForm = [Int32](repeating: -1, count: plain.count)
            let scratch = ByteScratch()
            let other = ByteScratch()
            var firsts = FirstPlaces(count: plain.count)
            for place in 0..<plain.count {
                let hasNumbers = plain.withBytes(of: place) { PlainTexts.writeForm($0, to: scratch) }
                try point.pass(64 + scratch.count)
                guard hasNumbers else { continue }
                let first = firsts.first(place, Fingerprint.of(scratch.bytes)) { place in
                    plain.withBytes(of: place) { _ = PlainTexts.writeForm($0, to: other) }
                    return ByteScratch.areEqual(scratch.bytes, other.bytes)
                }
                firstOfForm[place] = Int32(first)
                if first != place, !mixed.contains(Int32(first)), !answers.areSame(first, place) {
                    mixed.insert(Int32(first))
                }
            }
        }

        func isContent(_ one: Int, _ other: Int) -> Bool {
            firstOfForm[one] >= 0 && firstOfForm[one] == firstOfForm[other] && mixed.contains(firstOfForm[one])
        }
    }
}

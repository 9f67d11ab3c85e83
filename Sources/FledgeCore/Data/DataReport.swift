import FledgeDocument

/// What a dataset looks like to somebody who has to answer for it: no value that could be personal is in it.
package struct DataReport: Codable, Hashable, Sendable {
    /// The rows of one split.
    package struct Split: Codable, Hashable, Sendable {
        /// Nil for rows that have no split, because the definition does not say how or there are too few.
        package var split: DatasetSplit?
        package var rows: Int
        package var groups: Int
        package var distinctLabels: Int
        /// How many rows have each of the data's most frequent labels; personal data is masked, long labels are cut.
        package var labels: [Label]
        package var inputLengths: Lengths
        package var answerLengths: Lengths
    }

    package struct Label: Codable, Hashable, Sendable {
        package var label: String
        package var rows: Int
    }

    /// Characters: smallest, quartiles and the 95th percentile (of the ordered lengths, the ⌈q·n⌉-th), largest.
    package struct Lengths: Codable, Hashable, Sendable {
        package var least: Int
        package var quarter: Int
        package var median: Int
        package var threeQuarters: Int
        package var p95: Int
        package var most: Int

        init(_ lengths: [Int]) {
            let sorted = lengths.sorted()
            func quantile(_ percent: Int) -> Int {
                sorted.isEmpty ? 0 : sorted[max(0, (percent * sorted.count + 99) / 100 - 1)]
            }
            least = sorted.first ?? 0
            quarter = quantile(25)
            median = quantile(50)
            threeQuarters = quantile(75)
            p95 = quantile(95)
            most = sorted.last ?? 0
        }
    }

    /// Rows with the same inputs and different answers.
    package struct Conflict: Codable, Hashable, Sendable {
        package var rows: [Int]
        package var labels: [String]
    }

    /// Rows of one split that have the same inputs, or nearly so.
    package struct Repetition: Codable, Hashable, Sendable {
        package var kind: LeakFinding.Kind
        package var split: DatasetSplit?
        package var rows: [Int]
    }

    /// The use case.
    package var name: String
    package var rows: Int
    package var distinctLabels: Int
    /// Training, prototype and holdout; one without a name where rows are not split.
    package var splits: [Split]
    package var conflicts: [Conflict]
    package var repetitions: [Repetition]
    package var leaks: LeakFindings
    package var settled: [ResolvedLeak]
    package var personalData: PersonalDataFindings
    package var personalCounts: [PersonalDataFindings.Count]
    /// Rows that could not be read, with what is wrong.
    package var problems: [String]

    private static let mostLabels = 20
    private static let longestLabel = 40

    /// - Parameters:
    ///   - splits: of each row; nil for rows that have none.
    ///   - settled: what was moved or left out before; rows that were left out are not among `rows`.
    /// - Throws: `CancellationError` where the task was cancelled.
    package init(
        name: String, rows: [DatasetSplitter.Row], splits: [DatasetSplit?], scan: LeakScan, settled: [ResolvedLeak],
        fields: AnswerFields, problems: [String]
    ) throws(CancellationError) {
        var point = CancellationPoint()
        self.name = name
        self.rows = rows.count
        self.settled = settled
        self.problems = problems
        let groups = try DatasetSplitter.groups(of: rows)
        distinctLabels = Set(rows.map(\.expected)).count
        let frequent = Self.frequentLabels(of: rows)
        let places = Dictionary(grouping: rows.indices) { splits[$0] }
        self.splits = places.sorted { ($0.key?.weight ?? -1) < ($1.key?.weight ?? -1) }.map { split, places in
            Self.split(
                split, rows: places.map { rows[$0] }, labels: frequent, groups: Set(places.map { groups[$0] }).count)
        }
        conflicts = scan.links.exact.compactMap { members in
            let labels = Set(members.map { rows[$0].expected })
            guard labels.count > 1 else { return nil }
            return Conflict(
                rows: members.map { rows[$0].row }, labels: Set(members.map { Self.shown(rows[$0].expected) }).sorted())
        }
        repetitions = Self.repetitions(in: scan.links, rows: rows, splits: splits)
        leaks = scan.findings(in: splits)
        var personal = PersonalDataFindings()
        for (row, split) in zip(rows, splits) {
            try point.pass(64 + row.inputs.values.reduce(row.expected.utf8.count) { $0 + $1.utf8.count })
            personal.add(row, split: split, fields: fields)
        }
        personalData = personal
        personalCounts = personal.counts
    }

    private static func split(_ split: DatasetSplit?, rows: [DatasetSplitter.Row], labels: [String], groups: Int)
        -> Split
    {
        let counts = counted(rows)
        return Split(
            split: split, rows: rows.count, groups: groups, distinctLabels: counts.count,
            labels: labels.map { Label(label: shown($0), rows: counts[$0, default: 0]) },
            inputLengths: Lengths(rows.map { $0.inputs.values.reduce(0) { $0 + $1.count } }),
            answerLengths: Lengths(rows.map(\.expected.count)))
    }

    private static func frequentLabels(of rows: [DatasetSplitter.Row]) -> [String] {
        counted(rows).sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostLabels).map(\.key)
    }

    private static func counted(_ rows: [DatasetSplitter.Row]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in rows { counts[row.expected, default: 0] += 1 }
        return counts
    }

    private static func repetitions(
        in links: RowLinks, rows: [DatasetSplitter.Row], splits: [DatasetSplit?]
    ) -> [Repetition] {
        var repetitions: [Repetition] = []
        for members in links.exact {
            for (split, places) in Dictionary(grouping: members, by: { splits[$0] }) where places.count > 1 {
                repetitions.append(
                    Repetition(kind: .exactDuplicate, split: split, rows: places.map { rows[$0].row }.sorted()))
            }
        }
        for (first, second, _) in links.near where splits[first[0]] == splits[second[0]] {
            repetitions.append(
                Repetition(
                    kind: .nearDuplicate, split: splits[first[0]],
                    rows: [rows[first[0]].row, rows[second[0]].row].sorted()))
        }
        return repetitions.sorted { ($0.rows[0], $0.rows[1]) < ($1.rows[0], $1.rows[1]) }
    }

    /// A label that a person may be shown.
    private static func shown(_ label: String) -> String {
        let masked = PersonalDataScanner.masking(Set(PersonalDataKind.allCases), in: label)
        return masked.count > longestLabel ? masked.prefix(longestLabel - 1) + "…" : masked
    }
}

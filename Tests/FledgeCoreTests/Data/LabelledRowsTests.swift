import FledgeCore
import FledgeDocument
import Testing

@Suite("Labelled rows in columns")
struct LabelledRowsTests {
    typealias Row = DatasetSplitter.Row

    @Test("rows come back from their columns as they were, with fields that some of them lack")
    func roundTrip() {
        let rows = [
            Row(row: 3, group: nil, inputs: ["text": "a", "title": ""], expected: "x"),
            Row(row: 4, group: "g", inputs: ["title": "é😀"], expected: ""),
            Row(row: 9, group: "", inputs: [:], expected: "x"),
        ]
        let columns = LabelledRows(rows)
        #expect((0..<columns.count).map { columns[$0] } == rows)
        #expect(columns.answers.map(\.text) == ["x", ""] && columns.answers.map(\.rows) == [2, 1])
        #expect(LabelledRows([]).count == 0 && LabelledRows([]).answers.isEmpty)
    }

    @Test("answers in two Unicode forms are counted apart")
    func forms() {
        let rows = ["é", "e\u{301}", "é"].map { Row(row: 1, group: nil, inputs: [:], expected: $0) }
        #expect(LabelledRows(rows).answers.map(\.rows) == [2, 1])
    }

    /// Groups as they are defined: by comparing every row with every other.
    private static func groupsByPairs(_ rows: [Row]) -> [Int] {
        func content(_ row: Row) -> [String: String] {
            row.inputs.mapValues { $0.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        }
        var groups = Array(rows.indices)
        for (first, one) in rows.enumerated() {
            for (second, other) in rows.enumerated().dropFirst(first + 1) {
                let isOneGroup = one.group == other.group && one.group?.isEmpty == false
                guard isOneGroup || content(one) == content(other) else { continue }
                let (from, to) = (max(groups[first], groups[second]), min(groups[first], groups[second]))
                for place in groups.indices where groups[place] == from { groups[place] = to }
            }
        }
        return groups
    }

    @Test("groups are those that comparing every pair of rows gives", arguments: UInt64(0)..<20)
    func groups(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func draw(_ texts: [String]) -> String { texts[Int(random.next(below: UInt64(texts.count)))] }
        let pieces = ["Caf\u{E9}", "cafe\u{301}", "late", " LATE\t", "\u{A0}", "", " ", "x", "ß", "SS", "\u{1E}", "Ｗ"]
        let rows = (0..<60).map { number in
            Row(
                row: number + 1,
                group: number.isMultiple(of: 3)
                    ? nil : draw(["", "\u{E9}", "e\u{301}"]) + draw(["", "1", "2", "3", "4"]),
                inputs: number.isMultiple(of: 7)
                    ? ["a": draw(pieces)] : ["a": draw(pieces) + draw(pieces), "b": draw(pieces) + draw(pieces)],
                expected: "x")
        }
        let names = try DatasetSplitter.groups(of: rows)
        let groups = Self.groupsByPairs(rows)
        for first in rows.indices {
            for second in rows.indices {
                #expect(
                    (names[first] == names[second]) == (groups[first] == groups[second]),
                    "\(rows[first]) and \(rows[second])")
            }
        }
    }
}

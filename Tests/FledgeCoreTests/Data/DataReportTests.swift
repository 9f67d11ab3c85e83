import FledgeDocument
import Testing

@testable import FledgeCore

@Suite("What is told of a dataset")
struct DataReportTests {
    @Test(
        "lengths are the smallest, those that a quarter, half, three quarters and 95% come up to, and the largest",
        arguments: [
            ([], [0, 0, 0, 0, 0, 0]), ([7], [7, 7, 7, 7, 7, 7]), ([3, 1, 4, 1, 5, 9, 2, 6], [1, 1, 3, 5, 9, 9]),
            (Array((1...20).reversed()), [1, 5, 10, 15, 19, 20]), (Array(1...21), [1, 6, 11, 16, 20, 21]),
        ] as [([Int], [Int])])
    func lengths(_ lengths: [Int], told: [Int]) {
        let report = DataReport.Lengths(lengths)
        #expect(
            [report.least, report.quarter, report.median, report.threeQuarters, report.p95, report.most] == told)
    }

    @Test("rows are counted by split, from those that have none to the holdout, and what contradicts itself is named")
    func splits() throws {
        let rows = [("aa", "x"), ("bbb", "y"), ("c", "x"), ("dddd", "x"), ("aa", "y")].enumerated().map {
            DatasetSplitter.Row(row: $0 + 1, group: nil, inputs: ["text": $1.0], expected: $1.1)
        }
        let report = try DataReport(
            name: "support", rows: rows, splits: [.training, .holdout, nil, .prototype, .training],
            scan: try LeakScan(rows, prompts: PromptOverlap([])), settled: [], fields: AnswerFields(expected: "team"),
            problems: [])
        #expect(report.rows == 5 && report.distinctLabels == 2)
        #expect(report.splits.map(\.split) == [nil, .training, .prototype, .holdout])
        #expect(report.splits.map(\.rows) == [1, 2, 1, 1] && report.splits.map(\.groups) == [1, 1, 1, 1])
        #expect(report.splits.map(\.distinctLabels) == [1, 2, 1, 1])
        // Of the whole data's labels, the most frequent first.
        #expect(report.splits.map { $0.labels.map(\.label) } == Array(repeating: ["x", "y"], count: 4))
        #expect(report.splits.map { $0.labels.map(\.rows) } == [[1, 0], [1, 1], [1, 0], [0, 1]])
        #expect(report.splits.map(\.inputLengths.most) == [1, 2, 4, 3])
        #expect(report.conflicts.map(\.rows) == [[1, 5]] && report.conflicts.map(\.labels) == [["x", "y"]])
        #expect(report.repetitions.map(\.rows) == [[1, 5]] && report.repetitions.map(\.split) == [.training])
        #expect(report.leaks.total == 0 && report.personalData.findings.isEmpty)
    }
}

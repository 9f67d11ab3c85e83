import FledgeCore
import FledgeDocument
import Testing

@Suite("Dataset splits")
struct DatasetSplitterTests {
    private func rows(_ range: Range<Int>, groupsOf size: Int? = nil) -> [DatasetSplitter.Row] {
        range.map { number in
            DatasetSplitter.Row(
                row: number + 1, group: size.map { "customer \(number / $0)" }, inputs: ["text": "message \(number)"],
                expected: "label")
        }
    }

    @Test("a group never straddles splits", arguments: UInt64(0)..<25)
    func groupsStayWhole(seed: UInt64) throws {
        let rows = rows(0..<300, groupsOf: Int(seed % 7) + 1)
        let definition = SplitDefinition(prototype: 60, holdout: 90, seed: seed)
        let splits = try DatasetSplitter.split(rows, as: definition)
        var seen: [String: Set<DatasetSplit>] = [:]
        for (row, split) in zip(rows, splits) { seen[row.group ?? "", default: []].insert(split) }
        #expect(seen.values.allSatisfy { $0.count == 1 })
        let largest = Int(seed % 7) + 1
        let holdout = splits.count { $0 == .holdout }
        let prototype = splits.count { $0 == .prototype }
        #expect((90..<90 + largest).contains(holdout))
        #expect((60..<60 + largest).contains(prototype))
    }

    @Test("inputs that differ in case and white space alone never straddle splits", arguments: UInt64(0)..<10)
    func duplicatesStayTogether(seed: UInt64) throws {
        var all = rows(0..<100)
        all += (0..<100).map { number in
            .init(
                row: 101 + number, group: "other \(number)", inputs: ["text": "  MESSAGE \t\(number)\n"],
                expected: "label")
        }
        let splits = try DatasetSplitter.split(all, as: .init(prototype: 40, holdout: 60, seed: seed))
        for number in 0..<100 { #expect(splits[number] == splits[number + 100]) }
        let groups = DatasetSplitter.groups(of: all)
        for number in 0..<100 { #expect(groups[number] == groups[number + 100]) }
        #expect(Set(groups).count == 100)
    }

    @Test("a repeated input joins the groups it stands in, through any number of links")
    func joinsTransitively() throws {
        let chain: [DatasetSplitter.Row] = (0..<20).flatMap { link in
            [
                DatasetSplitter.Row(row: 2 * link + 1, group: "g\(link)", inputs: ["text": "t\(link)"], expected: "x"),
                DatasetSplitter.Row(
                    row: 2 * link + 2, group: "g\(link)", inputs: ["text": "t\(link + 1)"], expected: "x"),
            ]
        }
        #expect(Set(DatasetSplitter.groups(of: chain)).count == 1)
        let splits = try DatasetSplitter.split(chain, as: .init(prototype: 0, holdout: 10, seed: 1))
        #expect(Set(splits) == [.holdout])
    }

    @Test("the same rows in any order get the same splits")
    func ignoresOrder() throws {
        let rows = rows(0..<200, groupsOf: 3)
        let definition = SplitDefinition(prototype: 50, holdout: 50, seed: 9)
        let first = try DatasetSplitter.split(rows, as: definition)
        let second = try DatasetSplitter.split(rows.reversed(), as: definition)
        #expect(first == second.reversed())
        #expect(try DatasetSplitter.split(rows, as: definition) == first)
        #expect(try DatasetSplitter.split(rows, as: .init(prototype: 50, holdout: 50, seed: 10)) != first)
    }

    @Test("most rows keep their split when rows are appended")
    func staysWhenGrowing() throws {
        let definition = SplitDefinition(prototype: 200, holdout: 300, seed: 7)
        let before = try DatasetSplitter.split(rows(0..<1000), as: definition)
        let after = try DatasetSplitter.split(rows(0..<1050), as: definition)
        let kept = zip(before, after).count { $0 == $1 }
        #expect(kept >= 940)
        // What moves, moves away from the holdout: nothing that was trained on or searched becomes a gate's.
        #expect(!zip(before, after).contains { $0 != .holdout && $1 == .holdout })
    }

    @Test(
        "too few groups for the splits is an error that names the split",
        arguments: [(rows: 90, size: 1), (rows: 200, size: 200)])
    func tooFew(rows count: Int, size: Int) throws {
        let error = #expect(throws: FledgeError.self) {
            try DatasetSplitter.split(rows(0..<count, groupsOf: size), as: .init(prototype: 50, holdout: 50, seed: 1))
        }
        #expect(error?.code == "data.too_few")
        #expect(error?.exitCode == .badData)
        #expect(error?.message.contains("prototype") == true)
    }

    @Test("no rows and no splits are no error")
    func empty() throws {
        #expect(try DatasetSplitter.split([], as: .init(prototype: 0, holdout: 0, seed: 1)) == [])
    }
}

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
        let groups = try DatasetSplitter.groups(of: all)
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
        #expect(Set(try DatasetSplitter.groups(of: chain)).count == 1)
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

    @Test("added rows move others towards training alone, and no more than the sizes force", arguments: UInt64(0)..<30)
    func staysWhenGrowing(seed: UInt64) throws {
        let size = Int(seed % 5) + 1
        let definition = SplitDefinition(prototype: 120, holdout: 180, seed: seed)
        let before = try DatasetSplitter.split(rows(0..<700, groupsOf: size), as: definition)
        for added in [1, 5, 60] {
            let grown = rows(0..<700, groupsOf: size) + rows(10_000..<10_000 + added, groupsOf: size)
            let after = try DatasetSplitter.split(grown, as: definition)
            let pairs = zip(before, after)
            #expect(pairs.count { $0 == .holdout && $1 != .holdout } < added + size)
            #expect(pairs.count { $0 != .training && $1 == .training } < 2 * (added + size) - 1)
            #expect(!pairs.contains { $0 != .holdout && $1 == .holdout })
            #expect(!pairs.contains { $0 == .training && $1 != .training })
        }
    }

    private func labelled(_ counts: [Int], groupsOf size: Int? = nil) -> [DatasetSplitter.Row] {
        var number = 0
        return counts.enumerated().flatMap { label, count in
            (0..<count).map { _ in
                number += 1
                return DatasetSplitter.Row(
                    row: number, group: size.map { "g\(number / $0)" }, inputs: ["text": "message \(number)"],
                    expected: "label \(label)")
            }
        }
    }

    @Test("stratified, each split has of every label what its share asks for", arguments: UInt64(0)..<20)
    func stratified(seed: UInt64) throws {
        let counts = [600, 250, 100, 37, 13]
        let rows = labelled(counts)
        let definition = SplitDefinition(prototype: 100, holdout: 200, seed: seed, stratify: .label)
        let splits = try DatasetSplitter.split(rows, as: definition)
        for (split, wanted) in [(DatasetSplit.holdout, 200), (.prototype, 100)] {
            #expect(splits.count { $0 == split } == wanted)
            for (label, count) in counts.enumerated() {
                let found = zip(rows, splits).count { $0.expected == "label \(label)" && $1 == split }
                #expect(abs(Double(found) - Double(wanted * count) / 1000) < 1.0)
            }
        }
        #expect(try DatasetSplitter.split(rows.reversed(), as: definition) == splits.reversed())
    }

    @Test("stratified, groups stay whole and the sizes are met to within one group", arguments: UInt64(0)..<20)
    func stratifiedGroups(seed: UInt64) throws {
        let rows = labelled([300, 200, 50, 9], groupsOf: 4)
        let definition = SplitDefinition(prototype: 80, holdout: 120, seed: seed, stratify: .label)
        let splits = try DatasetSplitter.split(rows, as: definition)
        #expect((120..<124).contains(splits.count { $0 == .holdout }))
        #expect((80..<84).contains(splits.count { $0 == .prototype }))
        var seen: [String: Set<DatasetSplit>] = [:]
        for (row, split) in zip(rows, splits) { seen[row.group ?? "", default: []].insert(split) }
        #expect(seen.values.allSatisfy { $0.count == 1 })
    }

    @Test("stratified, an added row moves at most two rows of each label over each border", arguments: UInt64(0)..<20)
    func stratifiedGrowth(seed: UInt64) throws {
        let rows = labelled([400, 300, 200, 100])
        let definition = SplitDefinition(prototype: 150, holdout: 250, seed: seed, stratify: .label)
        let before = try DatasetSplitter.split(rows, as: definition)
        let added = DatasetSplitter.Row(
            row: 5000, group: nil, inputs: ["text": "new \(seed)"], expected: "label \(seed % 4)")
        let after = try DatasetSplitter.split(rows + [added], as: definition)
        for label in 0..<4 {
            let places = rows.indices.filter { rows[$0].expected == "label \(label)" }
            #expect(places.count { (before[$0] == .holdout) != (after[$0] == .holdout) } <= 2)
            #expect(places.count { (before[$0] == .training) != (after[$0] == .training) } <= 4)
        }
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

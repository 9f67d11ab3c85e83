import FledgeCore
import Testing

@Suite struct GroupedFoldsTests {
    /// Groups of very different sizes: the first has 30 rows, the last one.
    private static let groups = (0..<30).flatMap { number in
        [String](repeating: "group \(number)", count: 30 - number)
    }

    @Test("no group is in two folds, and every row is in one", arguments: [2, 3, 5, 10])
    func disjoint(count: Int) {
        let folds = GroupedFolds.deal(Self.groups, into: count, seed: 3)
        #expect(folds.count == count)
        #expect(folds.flatMap { $0 }.sorted() == Array(Self.groups.indices))
        let owners = folds.map { fold in Set(fold.map { Self.groups[$0] }) }
        #expect(owners.reduce(0) { $0 + $1.count } == Set(Self.groups).count)
    }

    @Test("folds are of like size", arguments: [2, 3, 5, 10])
    func balanced(count: Int) throws {
        let sizes = GroupedFolds.deal(Self.groups, into: count, seed: 3).map(\.count)
        let ideal = Double(Self.groups.count) / Double(count)
        #expect(Double(try #require(sizes.max())) <= 4 / 3 * ideal)
        #expect(Double(try #require(sizes.min())) >= ideal * 0.8)
    }

    @Test("the seed decides, and the same seed decides the same")
    func seeded() {
        let rows = (0..<60).map { "row \($0)" }
        #expect(GroupedFolds.deal(rows, into: 5, seed: 1) == GroupedFolds.deal(rows, into: 5, seed: 1))
        #expect(GroupedFolds.deal(rows, into: 5, seed: 1) != GroupedFolds.deal(rows, into: 5, seed: 2))
    }

    @Test("there are no more folds than groups")
    func fewGroups() {
        #expect(GroupedFolds.deal(["a", "a", "b", "b"], into: 5, seed: 1).count == 2)
        #expect(GroupedFolds.deal([], into: 5, seed: 1) == [[]])
    }
}

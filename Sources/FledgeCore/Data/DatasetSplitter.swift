import FledgeDocument

/// Deals the rows of a dataset to its splits, by whole groups, so that nothing that a gate looks at was seen before.
///
/// Groups are ordered by a seeded hash of their name; the holdout is filled first, then the prototype split, and the
/// rest trains. What is guaranteed of it:
///
/// - The rows' order does not matter, nor does anything but their groups, inputs and, where asked, labels.
/// - Rows that are added move others from the holdout to the prototype split and from there to training, never back, as
///   the splits' sizes force it: k rows move at most k + g − 1 rows over each border, g being the size of the largest
///   group. (A row that joins two groups makes them one, which stands where the earlier of them stood.)
/// - Stratified by label, each split gets of every label what its share asks for, to within a group. A row that is added
///   changes the shares: it can move two groups of each label over each border, in either direction.
package enum DatasetSplitter {
    /// A labelled row, before it has a split.
    package struct Row: Hashable, Sendable {
        /// The row in the source file, from 1.
        package var row: Int
        /// The value of the group field; nil or empty where the row is a group of its own.
        package var group: String?
        package var inputs: [String: String]
        package var expected: String
        /// Decides nothing about the split.
        package var preference: Preference?

        package init(
            row: Int, group: String?, inputs: [String: String], expected: String, preference: Preference? = nil
        ) {
            self.row = row
            self.group = group
            self.inputs = inputs
            self.expected = expected
            self.preference = preference
        }
    }

    /// The split of each row, in the rows' order.
    ///
    /// Groups stay whole, so that the holdout and the prototype split may each exceed the size asked for, by less than
    /// one group.
    /// - Throws: `FledgeError` with code `data.too_few` when the groups do not fill both; `CancellationError`.
    package static func split(_ rows: [Row], as definition: SplitDefinition) throws -> [DatasetSplit] {
        let groups = try RowGroups(LabelledRows(rows))
        return try split(groups, among: Array(rows.indices), as: definition)
    }

    /// The split of each of some rows, as if there were no others.
    /// - Parameter places: ascending.
    static func split(
        _ groups: RowGroups, among places: [Int], as definition: SplitDefinition
    ) throws -> [DatasetSplit] {
        try CancellationPoint.check()
        let components = groups.components(of: places)
        try CancellationPoint.check()
        let all = Self.groups(of: components, in: groups, as: definition)
        try CancellationPoint.check()
        var strata = Strata(all, in: groups, count: places.count)
        try CancellationPoint.check()
        var splitOfRoot = [DatasetSplit](repeating: .training, count: groups.rows.count)
        var taken: [DatasetSplit: Int] = [:]
        let sizes = [(DatasetSplit.holdout, definition.holdout), (.prototype, definition.prototype)]
        for (split, wanted) in sizes {
            for group in try strata.take(wanted) {
                splitOfRoot[Int(group.root)] = split
                taken[split, default: 0] += Int(group.count)
            }
        }
        for (split, wanted) in sizes where taken[split, default: 0] < wanted {
            throw FledgeError(
                "data.too_few",
                "\(places.count) rows in \(all.count) groups give the \(split.rawValue) split \(taken[split, default: 0]) of \(wanted) examples",
                hint: "add examples, or ask for smaller splits; groups and repeated inputs are never divided")
        }
        return components.roots.map { splitOfRoot[Int($0)] }
    }

    /// A name for the group that each row ended in, in the rows' order: rows that share an input share a name.
    /// - Throws: `CancellationError` where the task was cancelled.
    package static func groups(of rows: [Row]) throws(CancellationError) -> [String] {
        try RowGroups(LabelledRows(rows)).names()
    }

    /// Rows that go to one split, with their place in the order.
    private struct Group {
        /// The least of its names' hashes: it stays when a new row joins the group, or falls but once.
        var hash: UInt64
        /// The row whose name it is of.
        var named: Int32
        /// The first of its rows.
        var root: Int32
        /// How many rows it has.
        var count: Int32
        /// What the group counts for where splits are stratified, its most frequent label: the label's place among all.
        var label: Int32

        /// The name breaks ties, so that even colliding hashes give one order.
        static func precedes(_ left: Group, _ right: Group, in rows: RowGroups) -> Bool {
            if left.hash != right.hash { return left.hash < right.hash }
            return rows.name(of: Int(left.named)) < rows.name(of: Int(right.named))
        }
    }

    private static func groups(
        of components: RowGroups.Components, in groups: RowGroups, as definition: SplitDefinition
    ) -> [Group] {
        var result: [Group] = []
        var places = [Int32](repeating: -1, count: groups.rows.count)
        for (place, root) in zip(components.places, components.roots) {
            let hash = groups.hashOfName(of: place, seed: definition.seed)
            let group = Int(places[Int(root)])
            if group < 0 {
                places[Int(root)] = Int32(result.count)
                result.append(Group(hash: hash, named: Int32(place), root: root, count: 1, label: 0))
                continue
            }
            result[group].count += 1
            if hash < result[group].hash {
                result[group].hash = hash
                result[group].named = Int32(place)
            }
        }
        guard definition.stratify != nil else { return result }
        let labels = labelRanks(of: groups.rows)
        var counts = [[Int32: Int]](repeating: [:], count: result.count)
        for (place, root) in zip(components.places, components.roots) {
            counts[Int(places[Int(root)])][labels[place], default: 0] += 1
        }
        for group in result.indices {
            result[group].label = counts[group].min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? 0
        }
        return result
    }

    /// For each row, the place of its label among all labels.
    private static func labelRanks(of rows: LabelledRows) -> [Int32] {
        var keys: [Int32: String] = [:]
        for place in rows.sameExpected where keys[place] == nil {
            let label = rows.expected[Int(place)] ?? ""
            // Behind the normalised text, which orders labels, what keeps apart those that agree in it.
            keys[place] = "\(AnswerText.normalized(label))\u{1F}\(label)"
        }
        var ranks: [String: Int32] = [:]
        for key in Set(keys.values).sorted() { ranks[key] = Int32(ranks.count) }
        let ofPlace = keys.mapValues { ranks[$0] ?? 0 }
        return rows.sameExpected.map { ofPlace[$0] ?? 0 }
    }

    /// The groups of each label, in order, of which splits take their share.
    private struct Strata {
        private var groups: [[Group]]
        private let sizes: [Int]
        private let count: Int
        private let rows: RowGroups

        init(_ all: [Group], in rowGroups: RowGroups, count: Int) {
            let byLabel = Dictionary(grouping: all, by: \.label).sorted { $0.key < $1.key }
            // The last is the next to be taken.
            groups = byLabel.map { $0.value.sorted { Group.precedes($1, $0, in: rowGroups) } }
            sizes = byLabel.map { $0.value.reduce(0) { $0 + Int($1.count) } }
            self.count = count
            rows = rowGroups
        }

        /// Takes groups until there are as many rows as wanted, from each label as many as its share; what a label went
        /// over its share by is taken off the next, so that all together go over by less than one group.
        mutating func take(_ wanted: Int) throws(CancellationError) -> [Group] {
            var point = CancellationPoint()
            var taken: [Group] = []
            var taking = 0
            func add(_ group: Group) {
                taken.append(group)
                taking += Int(group.count)
            }
            var rowsBefore = 0
            for stratum in groups.indices {
                rowsBefore += sizes[stratum]
                let quota = min(wanted, count) * rowsBefore / count
                while taking < quota, let group = groups[stratum].popLast() { add(group) }
            }
            // What a label had too few rows for, others give.
            while taking < wanted {
                try point.pass(groups.count)
                let left = groups.indices.compactMap { stratum in groups[stratum].last.map { (stratum, $0) } }
                guard let (stratum, group) = left.min(by: { Group.precedes($0.1, $1.1, in: rows) }) else { break }
                groups[stratum].removeLast()
                add(group)
            }
            return taken
        }
    }
}

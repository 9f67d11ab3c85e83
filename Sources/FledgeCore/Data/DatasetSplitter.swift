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

        package init(row: Int, group: String?, inputs: [String: String], expected: String) {
            self.row = row
            self.group = group
            self.inputs = inputs
            self.expected = expected
        }
    }

    /// The split of each row, in the rows' order.
    ///
    /// Groups stay whole, so that the holdout and the prototype split may each exceed the size asked for, by less than
    /// one group.
    /// - Throws: `FledgeError` with code `data.too_few` when the groups do not fill both.
    package static func split(_ rows: [Row], as definition: SplitDefinition) throws(FledgeError) -> [DatasetSplit] {
        let components = Components(rows)
        var strata = Strata(components.groups(of: rows, as: definition), count: rows.count)
        var splits = [DatasetSplit](repeating: .training, count: rows.count)
        var taken: [DatasetSplit: Int] = [:]
        for (split, wanted) in [(DatasetSplit.holdout, definition.holdout), (.prototype, definition.prototype)] {
            for member in strata.take(wanted) {
                splits[member] = split
                taken[split, default: 0] += 1
            }
        }
        for (split, wanted) in [(DatasetSplit.holdout, definition.holdout), (.prototype, definition.prototype)]
        where taken[split, default: 0] < wanted {
            throw FledgeError(
                "data.too_few",
                "\(rows.count) rows in \(components.members.count) groups give the \(split.rawValue) split \(taken[split, default: 0]) of \(wanted) examples",
                hint: "add examples, or ask for smaller splits; groups and repeated inputs are never divided",
                exitCode: .badData)
        }
        return splits
    }

    /// A name for the group that each row ended in, in the rows' order: rows that share an input share a name.
    package static func groups(of rows: [Row]) -> [String] {
        Components(rows).namesOfRows
    }

    /// What is compared to find repeated inputs: case and white space do not tell rows apart.
    package static func normalizedContent(of inputs: [String: String]) -> String {
        inputs.sorted { $0.key < $1.key }
            .map { field in
                field.key + "\u{1F}" + evened(field.value)
            }
            .joined(separator: "\u{1E}")
    }

    private static func evened(_ text: String) -> String {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            return text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        // The same for ASCII, many times as fast.
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var isSpaceDue = false
        for byte in text.utf8 {
            if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) {
                isSpaceDue = true
                continue
            }
            if isSpaceDue && !result.isEmpty { result.append(0x20) }
            isSpaceDue = false
            result.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Rows that go to one split, with their place in the order.
    private struct Group {
        var hash: UInt64
        var name: String
        /// What the group counts for where splits are stratified: its most frequent label.
        var label: String
        var members: [Int]

        /// The name breaks ties, so that even colliding hashes give one order.
        static func precedes(_ left: Group, _ right: Group) -> Bool {
            (left.hash, left.name) < (right.hash, right.name)
        }
    }

    /// The groups of each label, in order, of which splits take their share.
    private struct Strata {
        private var groups: [[Group]]
        private let sizes: [Int]
        private let count: Int

        init(_ all: [Group], count: Int) {
            let byLabel = Dictionary(grouping: all, by: \.label).sorted { $0.key < $1.key }
            // The last is the next to be taken.
            groups = byLabel.map { $0.value.sorted { Group.precedes($1, $0) } }
            sizes = byLabel.map { $0.value.reduce(0) { $0 + $1.members.count } }
            self.count = count
        }

        /// Takes groups until there are as many rows as wanted, from each label as many as its share; what a label went
        /// over its share by is taken off the next, so that all together go over by less than one group.
        mutating func take(_ wanted: Int) -> [Int] {
            var taken: [Int] = []
            var rowsBefore = 0
            for stratum in groups.indices {
                rowsBefore += sizes[stratum]
                let quota = min(wanted, count) * rowsBefore / count
                while taken.count < quota, let group = groups[stratum].popLast() { taken += group.members }
            }
            // What a label had too few rows for, others give.
            while taken.count < wanted {
                let left = groups.indices.compactMap { stratum in groups[stratum].last.map { (stratum, $0) } }
                guard let (stratum, group) = left.min(by: { Group.precedes($0.1, $1.1) }) else { break }
                groups[stratum].removeLast()
                taken += group.members
            }
            return taken
        }
    }

    /// Rows that must stay together: those of a group, and those whose inputs are the same, joined transitively.
    private struct Components {
        private var sets: DisjointSets
        private let names: [String]
        private(set) var members: [Int: [Int]] = [:]

        init(_ rows: [Row]) {
            sets = DisjointSets(count: rows.count)
            let contents = rows.map { normalizedContent(of: $0.inputs) }
            names = zip(rows, contents).map { row, content in
                if let group = row.group, !group.isEmpty { return group }
                let digits = String(StableHash.hash(content, seed: 0), radix: 16)
                return "content-" + String(repeating: "0", count: 16 - digits.count) + digits
            }
            var firstOfGroup: [String: Int] = [:]
            var firstOfContent: [String: Int] = [:]
            for index in rows.indices {
                sets.join(index, firstOfGroup[names[index]] ?? index)
                sets.join(index, firstOfContent[contents[index]] ?? index)
                firstOfGroup[names[index]] = firstOfGroup[names[index]] ?? index
                firstOfContent[contents[index]] = firstOfContent[contents[index]] ?? index
            }
            for index in rows.indices { members[sets.root(of: index), default: []].append(index) }
        }

        func groups(of rows: [Row], as definition: SplitDefinition) -> [Group] {
            members.values.map { members in
                // The least of the names' hashes: it stays when a new row joins the component, or falls but once.
                let hash = members.map { StableHash.hash(names[$0], seed: definition.seed) }.min() ?? 0
                let label = definition.stratify == nil ? "" : Self.commonLabel(of: members.map { rows[$0].expected })
                return Group(hash: hash, name: name(of: members), label: label, members: members)
            }
        }

        /// A component's name for each row.
        var namesOfRows: [String] {
            var result = names
            for members in members.values {
                let name = name(of: members)
                for member in members { result[member] = name }
            }
            return result
        }

        private func name(of members: [Int]) -> String { members.map { names[$0] }.min() ?? "" }

        private static func commonLabel(of labels: [String]) -> String {
            var counts: [String: Int] = [:]
            // Behind the normalised text, which orders labels, what keeps apart those that agree in it.
            for label in labels { counts["\(AnswerText.normalized(label))\u{1F}\(label)", default: 0] += 1 }
            return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? ""
        }
    }
}

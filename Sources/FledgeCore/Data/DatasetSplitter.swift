import FledgeDocument

/// Deals the rows of a dataset to its splits, by whole groups, so that nothing that a gate looks at was seen before.
///
/// Groups are ordered by a seeded hash of their name; the holdout is filled first, then the prototype split, and the
/// rest trains. The order does not depend on the rows' order, and a group that is added later moves only those that
/// stand at the two borders: most rows keep their split when a dataset grows.
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
        var order = components.members.keys.map { root in
            (hash: components.hash(of: root, seed: definition.seed), label: components.label(of: root), root: root)
        }
        // The label breaks ties, so that even colliding hashes give one order.
        order.sort { ($0.hash, $0.label) < ($1.hash, $1.label) }

        var splits = [DatasetSplit](repeating: .training, count: rows.count)
        var taken: [DatasetSplit: Int] = [:]
        for group in order {
            let split: DatasetSplit =
                if taken[.holdout, default: 0] < definition.holdout {
                    .holdout
                } else if taken[.prototype, default: 0] < definition.prototype { .prototype } else { .training }
            let members = components.members[group.root, default: []]
            taken[split, default: 0] += members.count
            for member in members { splits[member] = split }
        }
        for (split, wanted) in [(DatasetSplit.holdout, definition.holdout), (.prototype, definition.prototype)]
        where taken[split, default: 0] < wanted {
            throw FledgeError(
                "data.too_few",
                "\(rows.count) rows in \(order.count) groups give the \(split.rawValue) split \(taken[split, default: 0]) of \(wanted) examples",
                hint: "add examples, or ask for smaller splits; groups and repeated inputs are never divided",
                exitCode: .badData)
        }
        return splits
    }

    /// A name for the group that each row ended in, in the rows' order: rows that share an input share a name.
    package static func groups(of rows: [Row]) -> [String] {
        let components = Components(rows)
        return rows.indices.map { components.label(of: components.root(of: $0)) }
    }

    /// What is compared to find repeated inputs: case and white space do not tell rows apart.
    package static func normalizedContent(of inputs: [String: String]) -> String {
        inputs.sorted { $0.key < $1.key }
            .map { field in
                field.key + "\u{1F}"
                    + field.value.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
            .joined(separator: "\u{1E}")
    }

    /// Rows that must stay together: those of a group, and those whose inputs are the same, joined transitively.
    private struct Components {
        private var parents: [Int]
        private let names: [String]
        private(set) var members: [Int: [Int]] = [:]

        init(_ rows: [Row]) {
            parents = Array(rows.indices)
            let contents = rows.map { normalizedContent(of: $0.inputs) }
            names = zip(rows, contents).map { row, content in
                if let group = row.group, !group.isEmpty { return group }
                let digits = String(StableHash.hash(content, seed: 0), radix: 16)
                return "content-" + String(repeating: "0", count: 16 - digits.count) + digits
            }
            var firstOfGroup: [String: Int] = [:]
            var firstOfContent: [String: Int] = [:]
            for index in rows.indices {
                join(index, firstOfGroup[names[index]] ?? index)
                join(index, firstOfContent[contents[index]] ?? index)
                firstOfGroup[names[index]] = firstOfGroup[names[index]] ?? index
                firstOfContent[contents[index]] = firstOfContent[contents[index]] ?? index
            }
            for index in rows.indices { members[root(of: index), default: []].append(index) }
        }

        func root(of index: Int) -> Int {
            var root = index
            while parents[root] != root { root = parents[root] }
            return root
        }

        /// The least of its groups' hashes: it stays when a new row joins the component, or falls but once.
        func hash(of root: Int, seed: UInt64) -> UInt64 {
            members[root, default: []].map { StableHash.hash(names[$0], seed: seed) }.min() ?? 0
        }

        func label(of root: Int) -> String {
            members[root, default: []].map { names[$0] }.min() ?? ""
        }

        private mutating func join(_ first: Int, _ second: Int) {
            let left = root(of: first)
            let right = root(of: second)
            // The lower index is the root, and paths are halved on the way: near-constant time a row.
            parents[max(left, right)] = min(left, right)
            parents[first] = min(left, right)
        }
    }
}

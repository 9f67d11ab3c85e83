/// Finds every way in which a row of one split is known to another: what is linked and not in one split, and what of the
/// training and holdout rows stands in a prompt.
package struct LeakScan: Sendable {
    private let rows: LabelledRows
    package let links: RowLinks
    private let inPrompts: [(row: Int, prompt: String)]

    /// - Throws: `CancellationError` where the task was cancelled.
    package init(_ rows: LabelledRows, prompts: PromptOverlap) throws(CancellationError) {
        self.rows = rows
        let plain = try PlainTexts.column(of: rows)
        links = try RowLinks(rows, plain: plain)
        inPrompts = try prompts.find(in: rows, plain: plain)
    }

    /// - Throws: `CancellationError` where the task was cancelled.
    package init(_ rows: [DatasetSplitter.Row], prompts: PromptOverlap) throws(CancellationError) {
        try self.init(LabelledRows(rows), prompts: prompts)
    }

    /// - Parameter splits: of each row; nil for one that is left out.
    package func findings(in splits: [DatasetSplit?]) -> LeakFindings {
        var findings = LeakFindings()
        findings.isComplete = links.isComplete
        for members in links.exact {
            let first = firstOfSplit(members, splits)
            guard let (best, other) = first.max(by: { $0.key.weight < $1.key.weight }), first.count > 1 else {
                continue
            }
            for place in members {
                guard let split = splits[place], split != best else { continue }
                findings.add(finding(.exactDuplicate, place, split, other, best))
            }
        }
        for members in links.groups {
            let first = firstOfSplit(members, splits)
            guard let (best, other) = first.max(by: { $0.key.weight < $1.key.weight }) else { continue }
            for (split, place) in first where split != best {
                findings.add(finding(.sameGroup, place, split, other, best))
            }
        }
        // A class of many rows may be near to many others.
        var known: [Int: [(key: DatasetSplit, value: Int)]] = [:]
        func firstOfClass(_ members: [Int]) -> [(key: DatasetSplit, value: Int)] {
            if let known = known[members[0]] { return known }
            let first = firstOfSplit(members, splits)
            known[members[0]] = first
            return first
        }
        for (first, second, similarity) in links.near {
            for (left, leftPlace) in firstOfClass(first) {
                for (right, rightPlace) in firstOfClass(second) where left != right {
                    findings.add(
                        left.weight < right.weight
                            ? finding(.nearDuplicate, leftPlace, left, rightPlace, right, similarity)
                            : finding(.nearDuplicate, rightPlace, right, leftPlace, left, similarity))
                }
            }
        }
        for (place, prompt) in inPrompts {
            guard let split = splits[place], split != .prototype else { continue }
            findings.add(LeakFinding(kind: .prompt, row: rows.number(of: place), split: split, prompt: prompt))
        }
        findings.sort()
        return findings
    }

    /// The rows of leaks with what they leak to, and training and holdout rows in prompts.
    /// - Parameter lowerAlone: leaves out rows in the highest of the splits that a link joins.
    /// - Throws: `CancellationError` where the task was cancelled.
    func leakingRows(
        in splits: [DatasetSplit?], lowerAlone: Bool
    ) throws(CancellationError) -> [Int: ResolvedLeak.Cause] {
        var point = CancellationPoint()
        var leaking: [Int: ResolvedLeak.Cause] = [:]
        func collect(_ members: [Int], _ kind: LeakFinding.Kind) throws(CancellationError) {
            try point.pass(16 + 8 * members.count)
            let first = firstOfSplit(members, splits)
            guard let best = first.max(by: { $0.key.weight < $1.key.weight }), first.count > 1 else { return }
            for place in members where splits[place] != nil && leaking[place] == nil {
                let isHighest = splits[place] == best.key
                if isHighest && lowerAlone { continue }
                let other = isHighest ? first.first { $0.key != best.key } : best
                leaking[place] = ResolvedLeak.Cause(
                    kind: kind, otherRow: other.map { rows.number(of: $0.value) }, prompt: nil)
            }
        }
        for members in links.exact { try collect(members, .exactDuplicate) }
        for members in links.groups { try collect(members, .sameGroup) }
        for (first, second, _) in links.near { try collect(first + second, .nearDuplicate) }
        for (place, prompt) in inPrompts
        where leaking[place] == nil && splits[place] != nil && splits[place] != .prototype {
            leaking[place] = ResolvedLeak.Cause(kind: .prompt, otherRow: nil, prompt: prompt)
        }
        return leaking
    }

    /// The rows that any link joins, groups of the splitter included: what has to go to one split together.
    func clusters(joining groups: RowGroups) -> [Int] {
        var clusters = DisjointSets(count: rows.count)
        let components = groups.components(of: Array(0..<rows.count))
        for (place, root) in zip(components.places, components.roots) { clusters.join(Int(root), place) }
        for members in links.exact + links.groups { for place in members { clusters.join(members[0], place) } }
        for (one, other, _) in links.near { clusters.join(one[0], other[0]) }
        return (0..<rows.count).map { clusters.root(of: $0) }
    }

    private func firstOfSplit(_ members: [Int], _ splits: [DatasetSplit?]) -> [(key: DatasetSplit, value: Int)] {
        var first: [(key: DatasetSplit, value: Int)] = []
        for place in members {
            guard let split = splits[place], !first.contains(where: { $0.key == split }) else { continue }
            first.append((split, place))
        }
        return first
    }

    private func finding(
        _ kind: LeakFinding.Kind, _ place: Int, _ split: DatasetSplit, _ other: Int, _ otherSplit: DatasetSplit,
        _ similarity: Double? = nil
    ) -> LeakFinding {
        LeakFinding(
            kind: kind, row: rows.number(of: place), split: split, otherRow: rows.number(of: other),
            otherSplit: otherSplit,
            similarity: similarity)
    }
}

/// One way in which an example that candidates are measured on can be known to them beforehand.
package struct LeakFinding: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
        /// The inputs are the same once normalised.
        case exactDuplicate = "exact-duplicate"
        /// The inputs are nearly the same.
        case nearDuplicate = "near-duplicate"
        /// The group's name is the same once normalised.
        case sameGroup = "same-group"
        /// A prompt holds text of the row.
        case prompt
    }

    package var kind: Kind
    /// The row that matters less: a training row before a prototype row before a holdout row.
    package var row: Int
    package var split: DatasetSplit
    /// The row that it leaks to or from; nil for a prompt.
    package var otherRow: Int?
    package var otherSplit: DatasetSplit?
    /// Jaccard similarity of near duplicates.
    package var similarity: Double?
    /// The prompt's name.
    package var prompt: String?

    package init(
        kind: Kind, row: Int, split: DatasetSplit, otherRow: Int? = nil, otherSplit: DatasetSplit? = nil,
        similarity: Double? = nil, prompt: String? = nil
    ) {
        self.kind = kind
        self.row = row
        self.split = split
        self.otherRow = otherRow
        self.otherSplit = otherSplit
        self.similarity = similarity
        self.prompt = prompt
    }

    /// What was found, without any of the row's text: `row 12 (training) is a near duplicate of row 7 (holdout), …`.
    package var sentence: String {
        let subject = "row \(row) (\(split.rawValue))"
        let other = "row \(otherRow ?? 0) (\(otherSplit?.rawValue ?? ""))"
        return switch kind {
        case .exactDuplicate: "\(subject) has the same inputs as \(other)"
        case .nearDuplicate:
            "\(subject) is a near duplicate of \(other), similarity \((similarity ?? 0).formatted(decimals: 2))"
        case .sameGroup: "\(subject) is of the same group as \(other)"
        case .prompt: "text of \(subject) stands in the prompt \(prompt ?? "")"
        }
    }
}

extension DatasetSplit {
    /// How much it matters that a row of this split was not seen before: the holdout's most.
    var weight: Int {
        switch self {
        case .training: 0
        case .prototype: 1
        case .holdout: 2
        }
    }
}

/// All leaks of a dataset.
package struct LeakFindings: Codable, Hashable, Sendable {
    /// More findings than these are counted, not kept.
    package static let maximumKept = 10_000

    /// The findings in the order of their rows, at most so many as are kept.
    package private(set) var findings: [LeakFinding] = []
    package private(set) var total = 0
    /// How many of each kind.
    package private(set) var counts: [LeakFinding.Kind: Int] = [:]
    /// Whether every candidate for a near duplicate was compared.
    package var isComplete = true

    package init() {}

    mutating func add(_ finding: LeakFinding) {
        total += 1
        counts[finding.kind, default: 0] += 1
        if findings.count < Self.maximumKept { findings.append(finding) }
    }

    mutating func sort() {
        findings.sort { ($0.row, $0.otherRow ?? 0, $0.kind.rawValue) < ($1.row, $1.otherRow ?? 0, $1.kind.rawValue) }
    }

    /// The findings that a condition holds for. Where there were more than are kept, the number still counts all.
    func filtered(_ isKept: (LeakFinding) -> Bool) -> LeakFindings {
        var filtered = self
        for finding in findings where !isKept(finding) {
            filtered.total -= 1
            filtered.counts[finding.kind, default: 0] -= 1
        }
        filtered.counts = filtered.counts.filter { $0.value > 0 }
        filtered.findings = findings.filter(isKept)
        return filtered
    }

    /// `3 exact duplicates, 1 near duplicate`.
    package var summary: String {
        LeakFinding.Kind.allCases.compactMap { kind in
            guard let count = counts[kind] else { return nil }
            let words =
                switch kind {
                case .exactDuplicate: ("exact duplicate", "exact duplicates")
                case .nearDuplicate: ("near duplicate", "near duplicates")
                case .sameGroup: ("group in two splits", "groups in two splits")
                case .prompt: ("row in a prompt", "rows in prompts")
                }
            return "\(count) \(count == 1 ? words.0 : words.1)"
        }.joined(separator: ", ")
    }
}

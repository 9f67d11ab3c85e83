import FledgeDocument

/// A row that did not stay in the split that it was dealt to, because of a leak.
package struct ResolvedLeak: Codable, Hashable, Sendable {
    /// What made a row leak.
    package struct Cause: Codable, Hashable, Sendable {
        package var kind: LeakFinding.Kind
        package var otherRow: Int?
        package var prompt: String?

        package init(kind: LeakFinding.Kind, otherRow: Int?, prompt: String?) {
            self.kind = kind
            self.otherRow = otherRow
            self.prompt = prompt
        }
    }

    package var row: Int
    /// Where it was dealt to.
    package var from: DatasetSplit
    /// `.training`, or nil for a row that was left out.
    package var to: DatasetSplit?
    /// Nil for a row that went along with others of its group.
    package var cause: Cause?

    package init(row: Int, from: DatasetSplit, to: DatasetSplit?, cause: Cause?) {
        self.row = row
        self.from = from
        self.to = to
        self.cause = cause
    }

    /// `12 rows moved to training because of leaks: rows 3, 17, …`.
    package static func summary(of settled: [ResolvedLeak]) -> String {
        let parts = [
            (settled.filter { $0.to != nil }, "moved to training"), (settled.filter { $0.to == nil }, "left out"),
        ]
        return parts.filter { !$0.0.isEmpty }.map { rows, what in
            let numbers = rows.prefix(10).map { "\($0.row)" }.joined(separator: ", ") + (rows.count > 10 ? ", …" : "")
            let plural = rows.count == 1 ? "" : "s"
            return "\(rows.count) row\(plural) \(what) because of leaks: row\(plural) \(numbers)"
        }.joined(separator: "; ")
    }
}

/// Deals rows to splits so that none leaks, or says which do.
package enum LeakFirewall {
    package struct Outcome: Sendable {
        /// The split of each row, in the rows' order; nil for one that is left out.
        package var splits: [DatasetSplit?]
        /// What stands against using the data; none when everything could be settled.
        package var leaks: LeakFindings
        /// What was moved or left out, by row.
        package var settled: [ResolvedLeak]
    }

    /// With `.moveToTraining`, everything that is linked to a leaking row trains, and the other splits are filled from
    /// the rest; with `.drop`, the leaking row in the lower split is left out. Dealing anew can bring new leaks about, so
    /// that both go on until there are none. Training rows in a prompt are let be by `.moveToTraining`.
    /// - Throws: `FledgeError` with code `data.too_few` when what is left does not fill the splits; `CancellationError`.
    package static func deal(
        _ groups: RowGroups, scan: LeakScan, as definition: SplitDefinition, handling: LeakHandling
    ) throws -> Outcome {
        let places = Array(0..<groups.rows.count)
        var splits: [DatasetSplit?] = try DatasetSplitter.split(groups, among: places, as: definition)
        var settled: [Int: ResolvedLeak] = [:]
        let clusters = handling == .moveToTraining ? scan.clusters(joining: groups) : []
        while handling != .refuse {
            try CancellationPoint.check()
            let leaking = try scan.leakingRows(in: splits, lowerAlone: handling == .drop)
            let offenders = handling == .drop ? leaking : moves(leaking, clusters: clusters, splits: splits)
            if offenders.isEmpty { break }
            for (place, cause) in offenders {
                guard let from = splits[place] else { continue }
                settled[place] = ResolvedLeak(
                    row: groups.rows.number(of: place), from: from, to: handling == .drop ? nil : .training,
                    cause: cause)
            }
            let free = places.filter { settled[$0] == nil }
            let dealt = try remainder(groups, among: free, settled: settled.count, as: definition)
            for place in places { splits[place] = settled[place]?.to }
            for (place, split) in zip(free, dealt) { splits[place] = split }
        }
        var leaks = scan.findings(in: splits)
        if handling == .moveToTraining { leaks = leaks.filtered { $0.kind != .prompt || $0.split == .holdout } }
        return Outcome(
            splits: splits, leaks: leaks,
            settled: settled.values.filter { $0.from != $0.to }.sorted { $0.row < $1.row })
    }

    package static func deal(
        _ rows: [DatasetSplitter.Row], scan: LeakScan, as definition: SplitDefinition, handling: LeakHandling
    ) throws -> Outcome {
        try deal(RowGroups(LabelledRows(rows)), scan: scan, as: definition, handling: handling)
    }

    /// Every row that belongs together with a leaking one.
    private static func moves(
        _ leaking: [Int: ResolvedLeak.Cause], clusters: [Int], splits: [DatasetSplit?]
    ) -> [Int: ResolvedLeak.Cause?] {
        var spanning: Set<Int> = []
        for (place, cause) in leaking where cause.kind != .prompt || splits[place] == .holdout {
            spanning.insert(clusters[place])
        }
        var moves: [Int: ResolvedLeak.Cause?] = [:]
        for place in clusters.indices where spanning.contains(clusters[place]) {
            moves.updateValue(leaking[place], forKey: place)
        }
        return moves
    }

    private static func remainder(
        _ groups: RowGroups, among places: [Int], settled: Int, as definition: SplitDefinition
    ) throws -> [DatasetSplit] {
        do { return try DatasetSplitter.split(groups, among: places, as: definition) } catch var error as FledgeError {
            error.message += ", with \(settled) rows set aside because of leaks"
            error.hint =
                "add examples, ask for smaller splits, or remove the repeated rows: fledge data report names them"
            throw error
        }
    }
}

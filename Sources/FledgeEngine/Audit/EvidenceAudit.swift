import FledgeCore
import Foundation

/// Says whether the evidence is what was recorded: wherever it is read, and when somebody asks.
package struct EvidenceAudit: Sendable {
    private let stores: any CycleStore & AuditStore
    private let artifacts: any ArtifactStore
    /// Nil where nothing is written down outside the database.
    private let anchor: AuditAnchor?

    package init(stores: any CycleStore & AuditStore, artifacts: any ArtifactStore, anchor: AuditAnchor?) {
        self.stores = stores
        self.artifacts = artifacts
        self.anchor = anchor
    }

    /// Refuses to go on with evidence that was changed.
    ///
    /// - Parameter cycle: whose experiments are looked at; everything else of the use case is looked at anyway.
    /// - Returns: what the look found: nothing that was changed.
    /// - Throws: `audit.…`, with the row.
    @discardableResult
    func require(_ useCase: UseCaseID, name: String, cycle: CycleID?) async throws -> AuditReport {
        let report = try await report(useCase, name: name, cycle: cycle)
        if let refusal = report.refusal { throw refusal }
        // A promotion may not rest on data or answers of its cycle that were erased.
        if let erased = report.erased.first(where: Self.isOfData), cycle != nil {
            throw FledgeError(
                erased.code, "the evidence of \(name) is not whole: \(erased.sentence)",
                hint: "apply the definition with other data: a new cycle gathers new evidence", exitCode: .badData)
        }
        return report
    }

    /// What was erased of the data and the answers of a cycle: labels and judges' ratings are no part of a decision that is
    /// computed again.
    func erased(_ useCase: UseCaseID, name: String, cycle: CycleID) async throws -> [AuditFinding] {
        try await report(useCase, name: name, cycle: cycle).erased.filter(Self.isOfData)
    }

    private static func isOfData(_ finding: AuditFinding) -> Bool {
        finding.row.hasPrefix("snapshot ") || finding.row.hasPrefix("experiment ")
    }

    /// Checks the files of an adapter that a release uses. - Throws: `adapter.missing`, `adapter.corrupted`.
    func require(adapter: AdapterDigest?) async throws {
        if let adapter { _ = try await artifacts.directory(of: adapter) }
    }

    /// Writes down where the use case stands. What fails here is repeated within seconds, and stops nothing.
    func note(_ useCase: UseCaseID, name: String) async {
        try? await anchor?.note(useCase, name: name, in: stores)
    }

    /// The hashes that heads written down elsewhere are compared with. - Throws: `use_case.unknown`.
    package func hashes(name: String) async throws -> AuditHashes {
        guard let useCase = try await stores.useCase(named: name) else { throw Self.unknown(name) }
        return AuditHashes(
            chain: try await stores.auditEntries(of: useCase, after: 0), history: try await stores.history(of: useCase))
    }

    /// What a receiver elsewhere has not been told of the evidence yet; nil where it has been told everything, or there
    /// is none.
    package var delay: AuditDelay? { get async { await anchor?.delay } }

    private static func unknown(_ name: String) -> FledgeError {
        FledgeError(
            "use_case.unknown", "there is no use case \(name)", hint: "fledge status lists them")
    }

    /// The use cases that there are or were, sorted.
    package func names() async throws -> [String] {
        Set(try await stores.useCaseNames()).union(await anchor?.names ?? []).sorted()
    }

    /// Looks at all evidence of a use case, or at that of one cycle. - Throws: `use_case.unknown`.
    package func report(name: String) async throws -> AuditReport {
        if let useCase = try await stores.useCase(named: name) {
            return try await report(useCase, name: name, cycle: nil)
        }
        guard let line = await anchor?.line(of: name) else { throw Self.unknown(name) }
        let finding = AuditFinding(
            code: "audit.use_case_missing", row: "use case \(name)",
            sentence: "the whole use case is missing: \(line.head.entries) entries and \(line.head.transitions) "
                + "transitions stood on \(Self.day(line.at))\(await Self.list(anchor?.named(of: name, after: 0)))")
        return AuditReport(
            useCase: name, head: .empty, counts: [], findings: [finding], unknowns: [], open: 0, anchoredAt: line.at)
    }

    package func report(_ useCase: UseCaseID, name: String, cycle: CycleID?) async throws -> AuditReport {
        // The line is read before the database, so that entries that are chained meanwhile come behind it.
        let line = await anchor?.line(of: name)
        let reading = try await stores.audit(useCase, cycle: cycle)
        var findings: [AuditFinding] = []
        var history: [HistoryEntry] = []
        do { history = try await stores.history(of: useCase) } catch let error as FledgeError
            where error.code == .databaseUnreadableValue
        {
            findings.append(
                AuditFinding(
                    code: "audit.history_broken", row: "history",
                    sentence: "a transition of the history holds what no version writes: \(error.message)"))
        }
        var unknowns: [AuditFinding] = []
        var point = CancellationPoint()
        let broken = try AuditEntry.firstBroken(in: reading.chain) { () throws(CancellationError) in
            try point.pass(1024)
        }
        if let broken {
            let isThere = reading.chain.contains { $0.sequence == broken }
            let title = reading.chain.first { $0.sequence == broken }.map { " (\($0.title))" } ?? ""
            findings.append(
                AuditFinding(
                    code: "audit.chain_broken", row: "entry \(broken)",
                    sentence: "entry \(broken)\(title) of the chain "
                        + (isThere ? "was changed, or does not go on from the one before" : "is missing")))
        }
        if let broken = TransitionHash.firstBroken(in: history) {
            findings.append(
                AuditFinding(
                    code: "audit.history_broken", row: "transition \(broken)",
                    sentence: "transition \(broken) of the history was changed, or one before it is missing"))
        }
        for tally in reading.tallies {
            for row in tally.rows {
                guard let (isUnknown, finding) = tally.state.finding(kind: tally.kind, row: row) else { continue }
                if isUnknown { unknowns.append(finding) } else { findings.append(finding) }
            }
            // A row without a name was not written by Fledge.
            if tally.rows.count < tally.count,
                let (_, finding) = tally.state.finding(kind: tally.kind, row: "without a name")
            {
                findings.append(finding)
            }
        }
        // The links come after the rows themselves, since a missing row makes the figures that count it wrong as well.
        findings += reading.links.map { Self.finding($0.link, $0.subject, history: history.count) }
        for (isUnknown, finding) in Self.counted(reading, history) {
            if isUnknown { unknowns.append(finding) } else { findings.append(finding) }
        }
        let adopted = reading.tallies.filter { $0.state == .adopted }.reduce(0) { $0 + $1.count }
        if adopted > 0 { unknowns.append(Self.adopted(adopted, in: reading.chain)) }
        findings += await cut(line, name: name, chain: reading.chain, history: history)
        if let anchor, line == nil, !reading.chain.isEmpty || !history.isEmpty {
            unknowns.append(await Self.notAnchored(unreadable: anchor.unreadable))
        } else if anchor == nil {
            unknowns.append(Self.notAnchored(unreadable: 0))
        }
        let last = history.last
        return AuditReport(
            useCase: name,
            head: AuditHead(
                entries: reading.chain.count, hash: reading.chain.last?.hash ?? AuditEntry.origin,
                transitions: history.count, historyHash: last?.hash ?? TransitionHash.origin),
            counts: Self.counts(reading.tallies), findings: findings, unknowns: unknowns, open: reading.open,
            anchoredAt: line?.at)
    }

    /// Champions whose adapters' files are, or are not, what was stored.
    package func adapters() async throws -> [AdapterCheckResult] {
        var results: [AdapterCheckResult] = []
        for champion in try await stores.championAdapters() {
            try CancellationPoint.check()
            var problem: FledgeError?
            do { try await require(adapter: champion.adapter) } catch let error as FledgeError { problem = error }
            results.append(
                AdapterCheckResult(
                    useCase: champion.useCase, release: champion.release, adapter: champion.adapter, problem: problem))
        }
        return results
    }

    // MARK: Words

    /// What cycles, gates and decisions say of the history that is not what it comes to.
    private static func counted(
        _ reading: AuditReading, _ history: [HistoryEntry]
    ) -> [(isUnknown: Bool, finding: AuditFinding)] {
        var found: [(isUnknown: Bool, finding: AuditFinding)] = []
        var cycles: [Int: CountedHistory] = [:]
        for standing in reading.standings {
            let row = "cycle \(standing.cycle)"
            func add(_ code: FledgeError.Code, _ words: String, isUnknown: Bool = false) {
                found.append((isUnknown, AuditFinding(code: code, row: row, sentence: "\(row) \(words)")))
            }
            guard let counted = CountedHistory(history, of: standing.cycle, upTo: standing.sequence) else {
                add("audit.newer_format", "has a history that only a newer version can count", isUnknown: true)
                continue
            }
            cycles[standing.cycle] = counted
            guard let state = try? JSONProfile.stored.value(CycleState.self, from: standing.state) else {
                add("audit.state_changed", "has a state that no version writes")
                continue
            }
            let differences = counted.differences(from: state).joined(separator: ", ")
            if differences.isEmpty { continue }
            if counted.isByTheseRules {
                add("audit.state_changed", "does not stand where its history ends: \(differences)")
            } else {
                add(
                    "audit.other_rules",
                    "was counted by a version with other rules, or edited, nobody can say: \(differences)",
                    isUnknown: true)
            }
        }
        for figure in reading.figures {
            guard let counted = cycles[figure.cycle] else { continue }
            let (row, words): (String, String)
            if let candidate = figure.candidate, !counted.allows(candidate, atLook: figure.look) {
                row = "the gate of look \(figure.look) of cycle \(figure.cycle)"
                words = "judged \(candidate.short), who was not chosen for it"
            } else if let trainings = figure.trainings, !counted.allows(trainings: trainings, atLook: figure.look) {
                row = "the decision after look \(figure.look) of cycle \(figure.cycle)"
                words = "rests on \(trainings) trainings, which is not what the history counts"
            } else {
                continue
            }
            let isUnknown = !counted.isByTheseRules
            found.append(
                (
                    isUnknown,
                    AuditFinding(
                        code: isUnknown ? "audit.other_rules" : "audit.figure_changed", row: row,
                        sentence: "\(row) \(words)"
                            + (isUnknown ? ", and which may have been counted by a version with other rules" : ""))
                ))
        }
        return found
    }

    /// What stands in the file outside the database and not in it.
    private func cut(
        _ line: AuditAnchor.Line?, name: String, chain: [AuditEntry], history: [HistoryEntry]
    ) async -> [AuditFinding] {
        guard let line else { return [] }
        return await AuditHashes(chain: chain, history: history).findings(
            against: line.head, words: "it stood in the database on \(Self.day(line.at))",
            missing: { Self.list(await anchor?.named(of: name, after: $0)) })
    }

    private static func list(_ named: [String]?) -> String {
        guard let named, !named.isEmpty else { return "" }
        let more = named.count > 10 ? ", … \(named.count - 10) more" : ""
        return " (\(named.prefix(10).joined(separator: ", "))\(more))"
    }

    private static func day(_ date: Date) -> String { date.formatted(.iso8601) }

    private static func adopted(_ rows: Int, in chain: [AuditEntry]) -> AuditFinding {
        let at = chain.first(where: \.isAdopted)?.atMicroseconds ?? 0
        let day = day(Date(timeIntervalSince1970: Double(at) / 1_000_000))
        return AuditFinding(
            code: "audit.adopted", row: "\(rows) rows",
            sentence:
                "\(rows) rows were written before there was a chain, and are as they were on \(day): what they were "
                + "before, nobody can say")
    }

    private static func notAnchored(unreadable: Int) -> AuditFinding {
        let why =
            unreadable > 0
            ? "\(unreadable) lines of the file outside the database cannot be read"
            : "its length and its head do not stand outside the database (yet)"
        return AuditFinding(
            code: "audit.not_anchored", row: "chain", sentence: "\(why): whether its end was cut off, nobody can say")
    }

    private static func finding(_ link: AuditReading.Link, _ subject: String, history: Int) -> AuditFinding {
        func found(_ code: FledgeError.Code, _ row: String, _ words: String) -> AuditFinding {
            AuditFinding(code: code, row: row, sentence: "\(row) \(words)")
        }
        return switch link {
        case .leaves: found("audit.chain_broken", "the digests of entry \(subject)", "were changed")
        case .orphan:
            found("audit.chain_broken", "entry \(subject)", "of the chain is missing, and its digests are there")
        case .head: found("audit.chain_broken", "the head of the chain", "is not at its last entry, \(subject)")
        case .champion:
            found(
                "audit.pointer_changed", "the champion (release \(subject))", "is not the one that it was moved to last"
            )
        case .cycle: found("audit.state_changed", "cycle \(subject)", "does not stand where its history ends")
        case .rewritten:
            found(
                "audit.row_changed", "entry \(subject)",
                "chains samples or a training anew that a gate or a decision rests on already")
        case .totals:
            found(
                "audit.figure_changed", "candidate \(subject)",
                "is said to have been paid for otherwise than its samples were")
        case .transition:
            found("audit.history_broken", "transition \(subject)", "is of a cycle that is not the use case's")
        case .name: found("audit.name_changed", "use case \(subject)", "has another name in its definition")
        case .history:
            found(
                "audit.history_cut", "transition \(subject)",
                "is not the one that stood there when evidence was chained; the history has \(history)")
        }
    }

    /// One line for each kind and state, with those of experiments and snapshots added up.
    private static func counts(_ tallies: [AuditReading.Tally]) -> [AuditReport.Count] {
        struct Key: Hashable {
            var kind: String
            var state: AuditRowState
        }
        var rows: [Key: Int] = [:]
        for tally in tallies { rows[Key(kind: tally.kind, state: tally.state), default: 0] += tally.count }
        return rows.map { AuditReport.Count(kind: $0.kind, state: $0.state, rows: $1) }
            .sorted { ($0.kind, $0.state.rawValue) < ($1.kind, $1.state.rawValue) }
    }
}

import FledgeCore
import FledgeDocument

/// Deals a definition's rows to splits and says what is wrong with them: leaks, repeated and contradictory rows, personal
/// data.
struct DataHygiene {
    private static let maximumShown = 20

    let document: DefinitionDocument
    let contents: DatasetContents
    private let rows: LabelledRows
    private let groups: RowGroups
    private let scan: LeakScan

    /// - Throws: `CancellationError` where the task was cancelled.
    init(document: DefinitionDocument, contents: DatasetContents) throws(CancellationError) {
        self.document = document
        self.contents = contents
        rows = contents.rows.labelled
        groups = try RowGroups(rows)
        scan = try LeakScan(rows, prompts: PromptOverlap(document.useCase))
    }

    private var dataset: DatasetDefinition? { document.useCase.dataset }

    /// The rows as they are to be stored, none when something stands against it, and what to say.
    func check(
        _ split: SplitDefinition
    ) throws -> (rows: SnapshotRows, settled: [ResolvedLeak], diagnostics: [Diagnostic]) {
        let outcome: LeakFirewall.Outcome
        do {
            outcome = try LeakFirewall.deal(groups, scan: scan, as: split, handling: dataset?.leaks ?? .refuse)
        } catch let error as FledgeError {
            return ([], [], [inDefinition(.error, error.code.rawValue, error.message, "dataset.split", error.hint)])
        }
        let leaks = leakDiagnostics(outcome.leaks)
        guard leaks.isEmpty else { return ([], [], leaks) }
        let stored = SnapshotRows(contents.rows, splits: outcome.splits, groups: groups)
        return (stored, outcome.settled, try warnings(outcome))
    }

    /// Everything about the rows, whether they can be used or not.
    func report() throws(CancellationError) -> DataReport {
        let dealt = dataset?.split.flatMap { split in
            (try? LeakFirewall.deal(groups, scan: scan, as: split, handling: dataset?.leaks ?? .refuse))
                ?? (try? LeakFirewall.deal(groups, scan: scan, as: split, handling: .refuse))
        }
        try CancellationPoint.check()
        let splits = dealt?.splits ?? [DatasetSplit?](repeating: nil, count: rows.count)
        let settled = dealt?.settled ?? []
        let dropped = Set(settled.filter { $0.to == nil }.map(\.row))
        let kept = (0..<rows.count).filter { !dropped.contains(rows.number(of: $0)) }
        let keptRows = kept.map { rows[$0] }
        return try DataReport(
            name: document.useCase.name, rows: keptRows, splits: kept.map { splits[$0] },
            scan: dropped.isEmpty ? scan : try LeakScan(keptRows, prompts: PromptOverlap(document.useCase)),
            settled: settled, fields: AnswerFields(dataset),
            problems: contents.problems.map(\.sentence))
    }

    // MARK: What to say

    private func leakDiagnostics(_ leaks: LeakFindings) -> [Diagnostic] {
        guard leaks.total > 0 else { return [] }
        var diagnostics = leaks.findings.prefix(Self.maximumShown).map { leak in
            Diagnostic(
                severity: .error, code: Self.code(of: leak.kind), message: leak.sentence, file: contents.path,
                line: contents.line(ofRow: leak.row), hint: nil)
        }
        let more = leaks.total - diagnostics.count
        diagnostics.append(
            inDefinition(
                .error, "data.leaks",
                "rows of one split are known to another: \(leaks.summary)"
                    + (more > 0 ? "; \(more) of them are not shown" : ""),
                "dataset",
                "mend the rows, keep them together with Group(by:), or write LeakPolicy(.moveToTraining) or LeakPolicy(.drop) "
                    + "in Dataset; fledge data report shows them all"))
        return diagnostics
    }

    private static func code(of kind: LeakFinding.Kind) -> String {
        switch kind {
        case .exactDuplicate: "data.exact_duplicate"
        case .nearDuplicate: "data.near_duplicate"
        case .sameGroup: "data.same_group"
        case .prompt: "data.text_in_prompt"
        }
    }

    private func warnings(_ outcome: LeakFirewall.Outcome) throws(CancellationError) -> [Diagnostic] {
        var warnings: [Diagnostic] = []
        func warn(_ code: String, _ message: String, at place: String = "dataset", hint: String) {
            warnings.append(inDefinition(.warning, code, message, place, hint))
        }
        if !outcome.settled.isEmpty {
            warn(
                "data.leaks_settled", ResolvedLeak.summary(of: outcome.settled), at: "dataset.leaks",
                hint: "fledge data report says why, row by row")
        }
        if !outcome.leaks.isComplete {
            warn(
                "data.leak_scan_incomplete", "so many rows are nearly the same that not all were compared",
                hint: "keep rows that belong together with Group(by:)")
        }
        let classes = scan.links.exact.map { $0.filter { outcome.splits[$0] != nil } }.filter { $0.count > 1 }
        let repeated = classes.reduce(0) { $0 + $1.count - 1 }
        if repeated > 0 {
            warn(
                "data.repeated_rows",
                "\(repeated) row\(repeated == 1 ? " repeats" : "s repeat") the inputs of another; they are in one split",
                hint: "fledge data report names them")
        }
        let conflicts = classes.filter { Set($0.map { rows.expected[$0] }).count > 1 }
        if let first = conflicts.first {
            let numbers = first.prefix(5).map { "\(rows.number(of: $0))" }.joined(separator: ", ")
            warn(
                "data.conflicts",
                "\(conflicts.count) input\(conflicts.count == 1 ? " has" : "s have") different answers, as in rows \(numbers)",
                hint: "fledge data report names all; a metric can count only one answer as right")
        }
        if let personal = try personalData(in: outcome.splits) {
            warn(
                "data.personal",
                "the training split holds \(personal.summary): training on it will be refused",
                at: "dataset.personalData",
                hint: PersonalDataPolicy.waysOut(of: personal))
        }
        return warnings
    }

    /// What of the training split the definition neither masks nor accepts.
    private func personalData(in splits: [DatasetSplit?]) throws(CancellationError) -> PersonalDataFindings? {
        if dataset?.personalData?.mask == true { return nil }
        var point = CancellationPoint()
        var found = PersonalDataFindings()
        let fields = AnswerFields(dataset)
        for (place, split) in splits.enumerated() where split == .training {
            try point.pass(rows.inputs.reduce(64) { $0 + $1.values.withBytes(of: place, \.count) })
            found.add(rows, place, split: split, fields: fields)
        }
        let refused = found.without(dataset?.personalData?.accept ?? [])
        return refused.findings.isEmpty ? nil : refused
    }

    private func inDefinition(
        _ severity: Diagnostic.Severity, _ code: String, _ message: String, _ place: String, _ hint: String?
    ) -> Diagnostic {
        let line = document.locations[place] ?? document.locations["dataset"] ?? document.locations["useCase"]
        return Diagnostic(
            severity: severity, code: code, message: message, file: document.sourceFile, line: line, hint: hint)
    }
}

import FledgeDocument

/// The personal data that rows hold, without the values themselves.
package struct PersonalDataFindings: Codable, Hashable, Sendable {
    /// One value in one row.
    package struct Finding: Codable, Hashable, Sendable {
        package var row: Int
        package var split: DatasetSplit?
        package var field: String
        package var kind: PersonalDataKind
        /// Never the whole value.
        package var masked: String
    }

    /// Findings of one kind, counted.
    package struct Count: Codable, Hashable, Sendable {
        package var kind: PersonalDataKind
        package var values: Int
        package var rows: Int
    }

    package private(set) var findings: [Finding]

    package init(_ findings: [Finding] = []) { self.findings = findings }

    /// Takes in every field of a row that a model or a trainer may see.
    package mutating func add(_ row: DatasetSplitter.Row, split: DatasetSplit?, fields: AnswerFields) {
        for (field, text) in row.inputs.sorted(by: { $0.key < $1.key }) {
            add(row: row.row, split: split, field: field, text)
        }
        add(row: row.row, split: split, field: fields.expected, row.expected)
        guard let preference = row.preference else { return }
        // A field that stands for two things is looked at once.
        func isNew(_ field: String) -> Bool { field != fields.expected && row.inputs[field] == nil }
        let (chosen, rejected) = (fields.preferences.chosen, fields.preferences.rejected)
        if isNew(chosen) { add(row: row.row, split: split, field: chosen, preference.chosen) }
        if isNew(rejected) { add(row: row.row, split: split, field: rejected, preference.rejected) }
    }

    /// As above, of a row by its place: only those that may hold any are looked at as text.
    package mutating func add(_ rows: LabelledRows, _ place: Int, split: DatasetSplit?, fields: AnswerFields) {
        for input in rows.inputs { add(rows, place, split, input.name, input.values) }
        add(rows, place, split, fields.expected, rows.expected)
        guard let preferences = rows.preferences else { return }
        func isNew(_ field: String) -> Bool {
            field != fields.expected && !rows.inputs.contains { $0.name == field }
        }
        let (chosen, rejected) = (fields.preferences.chosen, fields.preferences.rejected)
        if isNew(chosen) { add(rows, place, split, chosen, preferences.chosen) }
        if isNew(rejected) { add(rows, place, split, rejected, preferences.rejected) }
    }

    private mutating func add(
        _ rows: LabelledRows, _ place: Int, _ split: DatasetSplit?, _ field: String, _ values: TextColumn
    ) {
        guard values.withBytes(of: place, PersonalDataScanner.mayMatch) else { return }
        add(row: rows.number(of: place), split: split, field: field, values[place] ?? "")
    }

    private mutating func add(row: Int, split: DatasetSplit?, field: String, _ text: String) {
        findings += PersonalDataScanner.matches(in: text).map {
            Finding(row: row, split: split, field: field, kind: $0.kind, masked: $0.masked)
        }
    }

    /// What stands in a split.
    package func limited(to split: DatasetSplit) -> PersonalDataFindings {
        PersonalDataFindings(findings.filter { $0.split == split })
    }

    /// What is not of an accepted kind.
    package func without(_ accepted: [PersonalDataKind]) -> PersonalDataFindings {
        PersonalDataFindings(findings.filter { !accepted.contains($0.kind) })
    }

    package var counts: [Count] {
        PersonalDataKind.allCases.compactMap { kind in
            let found = findings.filter { $0.kind == kind }
            return found.isEmpty ? nil : Count(kind: kind, values: found.count, rows: Set(found.map(\.row)).count)
        }
    }

    /// `3 e-mail addresses in 2 rows, 1 card number in 1 row`.
    package var summary: String {
        counts.map {
            "\($0.values) \($0.kind.title)\($0.values == 1 ? "" : $0.kind.plural) in \($0.rows) row\($0.rows == 1 ? "" : "s")"
        }.joined(separator: ", ")
    }
}

extension PersonalDataKind {
    package var title: String {
        switch self {
        case .email: "e-mail address"
        case .phone: "phone number"
        case .card: "card number"
        case .iban: "IBAN"
        }
    }

    fileprivate var plural: String { self == .email ? "es" : "s" }
}

import FledgeCore
import FledgeDocument
import Foundation

/// Checks a compiled definition against its data, and makes the submission that is stored.
package struct DefinitionIntake: Sendable {
    package init() {}

    package struct Checked: Sendable {
        package var diagnostics: [Diagnostic]
        /// Nil when a diagnostic is an error.
        package var submission: DefinitionSubmission?
    }

    /// Every problem of the definition and of its data at once; never throws for bad input.
    package func check(_ request: ApplyRequest) -> Checked {
        let definition = request.document.useCase
        var contents: DatasetContents?
        var dataError: FledgeError?
        if let dataset = definition.dataset {
            do { contents = try DatasetReader().read(dataset, relativeTo: request.directory) } catch {
                dataError = error
            }
        }
        var diagnostics = DefinitionValidator.diagnostics(
            for: request.document, dataset: facts(of: contents, error: dataError),
            isKnownZone: { TimeZone(identifier: $0) != nil }, isRegularExpression: RegularExpressionScorer.compiles)
        guard !diagnostics.contains(where: { $0.severity == .error }), let contents,
            let split = definition.dataset?.split
        else {
            return Checked(diagnostics: diagnostics, submission: nil)
        }
        let rows = contents.rows.map {
            DatasetSplitter.Row(row: $0.row, group: $0.group, inputs: $0.inputs, expected: $0.expected)
        }
        let assigned: [DatasetSplit]
        do { assigned = try DatasetSplitter.split(rows, as: split) } catch {
            diagnostics.append(
                Diagnostic(
                    severity: .error, code: error.code.rawValue, message: error.message,
                    file: request.document.sourceFile,
                    line: request.document.locations["dataset.split"], hint: error.hint))
            return Checked(diagnostics: diagnostics, submission: nil)
        }
        let groups = DatasetSplitter.groups(of: rows)
        let snapshotRows = zip(contents.rows, zip(assigned, groups)).map { row, place in
            SnapshotRow(row: row.row, split: place.0, group: place.1, inputs: row.inputs, expected: row.expected)
        }
        // The same file split or read in another way is another snapshot.
        let identity = contents.sha256.rawValue + CanonicalJSON.text(of: definition.dataset)
        return Checked(
            diagnostics: diagnostics,
            submission: DefinitionSubmission(
                document: request.document, sourceText: request.sourceText, actor: request.actor,
                snapshotSHA256: Digest(of: identity), sourcePath: contents.path, rows: snapshotRows))
    }

    private func facts(of contents: DatasetContents?, error: FledgeError?) -> DatasetFacts {
        DatasetFacts(
            error: error, rowCount: contents?.rows.count ?? 0, fields: contents?.fields ?? [],
            labels: Set(contents?.rows.map(\.expected) ?? []).count,
            problems: contents?.problems.map { (row: $0.row, message: $0.message) } ?? [], path: contents?.path)
    }
}

import FledgeCore
import FledgeDocument
import Foundation

/// Checks a compiled definition against its data, and makes the submission that is stored.
package struct DefinitionIntake: Sendable {
    private let localModels: [String]?
    private let keys: KeyRules?
    private let reader: DatasetReader

    /// - Parameters:
    ///   - localModels: the names that local models may have; nil where only their catalogue knows.
    ///   - keys: which keys may be sent where; nil where only the daemon knows.
    ///   - data: where the data files are.
    package init(localModels: [String]? = nil, keys: KeyRules? = nil, data: DataSource = .disk(.system)) {
        self.localModels = localModels
        self.keys = keys
        reader = DatasetReader(source: data)
    }

    package struct Checked: Sendable {
        package var diagnostics: [Diagnostic]
        /// Nil when a diagnostic is an error.
        package var submission: DefinitionSubmission?

        /// What to say where a cycle's rows are of the same file, with its numbers in another form.
        package func readAnew(since cycle: Cycle?) -> [Diagnostic] {
            guard let submission, let rounded = submission.roundedSHA256, cycle?.snapshotSHA256 == rounded else {
                return []
            }
            let document = submission.document
            return [
                Diagnostic(
                    severity: .warning, code: "data.numbers_as_written",
                    message:
                        "the file is the same, but its numbers are now kept as it writes them (1.10, which was read "
                        + "as 1.1 before): its rows count as changed data",
                    file: document.sourceFile, line: document.locations["dataset"], hint: nil)
            ]
        }
    }

    /// Every problem of definitions that are applied together, in their order. A data file that several of them name is
    /// read once.
    ///
    /// - Throws: `CancellationError` where the task was cancelled.
    package func check(_ requests: [ApplyRequest]) throws -> [Checked] {
        var files: [String: String] = [:]
        return try zip(requests, try contents(of: requests)).map { request, contents in
            var checked = try check(request, contents)
            let document = request.document
            guard let first = files.updateValue(document.sourceFile, forKey: document.useCase.name) else {
                return checked
            }
            checked.submission = nil
            checked.diagnostics.append(
                Diagnostic(
                    severity: .error, code: "definition.named_twice",
                    message: "\(document.useCase.name) is the name of a use case in \(first) as well",
                    file: document.sourceFile, line: document.locations["useCase"],
                    hint: "give each use case a name of its own"))
            return checked
        }
    }

    /// Every problem of the definition and of its data at once; never throws for bad input.
    ///
    /// - Throws: `CancellationError` where the task was cancelled.
    package func check(_ request: ApplyRequest) throws -> Checked {
        try check(request, try contents(of: [request])[0])
    }

    /// What reading each definition's data gave; nil for one that names none.
    private func contents(of requests: [ApplyRequest]) throws -> [Result<DatasetContents, FledgeError>?] {
        let orders = requests.map { request in
            request.document.useCase.dataset.map { dataset in
                DatasetReader.Order(
                    dataset, relativeTo: request.directory, sentAs: request.dataPath,
                    keeping: Self.kept(request.document.useCase))
            }
        }
        var read = try reader.read(orders.compactMap(\.self)).makeIterator()
        return orders.map { $0 == nil ? nil : read.next() }
    }

    /// The fields that are kept of each row beside what the data block names.
    private static func kept(_ definition: UseCaseDefinition) -> [String] { definition.validation?.keptFields ?? [] }

    private func check(
        _ request: ApplyRequest, _ read: Result<DatasetContents, FledgeError>?
    ) throws -> Checked {
        let definition = request.document.useCase
        var contents: DatasetContents?
        var dataError: FledgeError?
        switch read {
        case .success(let value)?: contents = value
        case .failure(let error)?: dataError = error
        case nil: break
        }
        var diagnostics = DefinitionValidator.diagnostics(
            for: request.document, dataset: facts(of: contents, error: dataError),
            isKnownZone: ZoneName.isKnown, isRegularExpression: RegularExpressionScorer.compiles,
            patternTrouble: { (try? RegularExpressionScorer.trouble(with: $0, within: .onThread)) ?? nil },
            localModels: localModels)
        try CancellationPoint.check()
        diagnostics += weights(in: request.document)
        diagnostics += keys?.diagnostics(of: request.document) ?? []
        guard !diagnostics.contains(where: { $0.severity == .error }), let contents,
            let split = definition.dataset?.split
        else {
            return Checked(diagnostics: diagnostics, submission: nil)
        }
        let checked = try DataHygiene(document: request.document, contents: contents).check(split)
        diagnostics += checked.diagnostics
        guard !checked.diagnostics.contains(where: { $0.severity == .error }) else {
            return Checked(diagnostics: diagnostics, submission: nil)
        }
        // The same file split or read in another way, or with other rows moved or left out, is another snapshot.
        let kept = Self.kept(definition)
        let identity =
            contents.sha256.rawValue + CanonicalJSON.text(of: definition.dataset)
            + (checked.settled.isEmpty ? "" : CanonicalJSON.text(of: checked.settled))
            + (kept.isEmpty ? "" : CanonicalJSON.text(of: kept))
        return Checked(
            diagnostics: diagnostics,
            submission: DefinitionSubmission(
                document: request.document, sourceText: request.sourceText, actor: request.actor,
                snapshotSHA256: Digest(of: identity + (contents.isReadAnew ? "numbers as written" : "")),
                roundedSHA256: contents.isReadAnew ? Digest(of: identity) : nil, sourcePath: contents.path,
                rows: checked.rows, settled: checked.settled))
    }

    /// What keeps models' weights from being trained on or served, as far as their files tell.
    private func weights(in document: DefinitionDocument) -> [Diagnostic] {
        document.useCase.models.enumerated().flatMap { index, model in
            guard let weights = model.trainingWeights, weights.path.hasPrefix("/") else { return [Diagnostic]() }
            return weights.problems.map { problem in
                Diagnostic(
                    severity: .error, code: "models.bad_weights", message: "\(model.name): \(problem.message)",
                    file: document.sourceFile, line: document.locations["models[\(index)]"], hint: problem.hint)
            }
        }
    }

    /// What the definition's data looks like, whether it can be applied or not.
    /// - Throws: what reading the data file throws; `dataset.none` (exit 65) when the definition names none;
    ///   `CancellationError`.
    package func report(_ request: ApplyRequest) throws -> DataReport {
        guard let dataset = request.document.useCase.dataset else {
            throw FledgeError(
                "dataset.none", "\(request.document.useCase.name) has no Dataset block",
                place: request.document.sourceFile, hint: "add one; workflows/ has examples")
        }
        let contents = try reader.read(dataset, relativeTo: request.directory, sentAs: request.dataPath)
        return try DataHygiene(document: request.document, contents: contents).report()
    }

    private func facts(of contents: DatasetContents?, error: FledgeError?) -> DatasetFacts {
        let answers = contents?.rows.labelled.answers ?? []
        return DatasetFacts(
            error: error, rowCount: contents?.rows.count ?? 0, fields: contents?.fields ?? [],
            labels: Set(answers.map(\.text)).count,
            problems: contents.map { contents in
                contents.problems.map { (row: $0.row, line: $0.line, message: $0.message) }
            } ?? [], path: contents?.path, answers: answers)
    }
}

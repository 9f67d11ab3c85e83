import FledgeDocument

/// Finds every problem of a definition, with its line and what to do about it.
package enum DefinitionValidator {
    /// - Parameters:
    ///   - dataset: what reading the data file gave.
    ///   - isKnownZone: whether a name is an IANA time zone.
    ///   - isRegularExpression: whether a pattern compiles.
    ///   - patternTrouble: why a pattern may not do all the same; nil where nothing is known against it.
    ///   - localModels: the names that local models may have; nil where nobody knows.
    /// - Returns: all problems, in the order of the definition's lines.
    package static func diagnostics(
        for document: DefinitionDocument, dataset: DatasetFacts, isKnownZone: (String) -> Bool,
        isRegularExpression: (String) -> Bool, patternTrouble: (String) -> PatternTrouble? = { _ in nil },
        localModels: [String]? = nil
    ) -> [Diagnostic] {
        var findings = Findings(document: document)
        checkUseCase(document, &findings)
        checkWords(document, &findings)
        checkApproval(document.useCase, &findings)
        checkDataset(document.useCase, dataset, &findings)
        checkModels(document.useCase, &findings)
        checkLocalModels(document.useCase, localModels, &findings)
        checkLabels(document.useCase, dataset, &findings)
        checkPrompts(document.useCase, dataset, &findings)
        withoutActuallyEscaping(isRegularExpression) { isRegularExpression in
            withoutActuallyEscaping(patternTrouble) { trouble in
                let patterns = PatternCheck(isRegularExpression: isRegularExpression, trouble: trouble)
                checkCriteria(document.useCase, patterns, &findings)
            }
        }
        checkEvidence(document.useCase, dataset, &findings)
        checkJudges(document.useCase, &findings)
        checkFineTune(document.useCase, &findings)
        checkTuning(document.useCase, dataset, &findings)
        checkPreferences(document.useCase, &findings)
        checkEconomics(document.useCase, &findings)
        checkLimits(document.useCase, isKnownZone, &findings)
        checkReports(document.useCase, isKnownZone, &findings)
        checkValues(document.useCase, &findings)
        return findings.sorted
    }

    /// Collects problems with the places of the parts that they concern.
    package struct Findings {
        private let document: DefinitionDocument
        private var diagnostics: [Diagnostic] = []
        private var told: Set<Told> = []

        private struct Told: Hashable {
            var code: String
            var place: String
        }

        init(document: DefinitionDocument) { self.document = document }

        /// - Parameter place: a path of `DefinitionDocument.locations`; the nearest enclosing part that has a line is used.
        mutating func error(_ code: String, _ message: String, at place: String, hint: String?) {
            add(.error, code, message, place, hint)
        }

        mutating func warning(_ code: String, _ message: String, at place: String, hint: String?) {
            add(.warning, code, message, place, hint)
        }

        mutating func error(_ code: String, _ message: String, inFile file: String, line: Int?, hint: String?) {
            diagnostics.append(
                Diagnostic(severity: .error, code: code, message: message, file: file, line: line, hint: hint))
        }

        private mutating func add(
            _ severity: Diagnostic.Severity, _ code: String, _ message: String, _ place: String, _ hint: String?
        ) {
            diagnostics.append(
                Diagnostic(
                    severity: severity, code: code, message: message, file: document.sourceFile,
                    line: document.line(of: place), hint: hint))
            if severity == .error { told.insert(Told(code: code, place: place)) }
        }

        /// Whether an error of that code was found at the part, or at one around it.
        func hasTold(_ code: String, at place: String) -> Bool {
            var place = Substring(place)
            while true {
                if told.contains(Told(code: code, place: String(place))) { return true }
                guard let cut = place.lastIndex(where: { $0 == "." || $0 == "[" }) else { return false }
                place = place[..<cut]
            }
        }

        var sorted: [Diagnostic] {
            diagnostics.enumerated().sorted { left, right in
                (left.element.file, left.element.line ?? 0, left.offset) < (
                    right.element.file, right.element.line ?? 0, right.offset
                )
            }.map(\.element)
        }
    }

    private static func checkUseCase(_ document: DefinitionDocument, _ findings: inout Findings) {
        let useCase = document.useCase
        if document.format != DefinitionDocument.currentFormat {
            findings.error(
                "definition.unknown_format",
                "the document has format \(document.format), and this version reads \(DefinitionDocument.currentFormat)",
                at: "useCase", hint: "update whichever of fledge and fledged is older")
        }
        if !isName(useCase.name) {
            findings.error(
                "definition.bad_name", "\"\(useCase.name)\" is not a name for a use case", at: "useCase",
                hint: "use lower-case letters, digits and hyphens, a letter first, at most 63 characters")
        }
        for (place, line) in document.locations.sorted(by: { $0.key < $1.key }) where place.hasPrefix("#duplicate:") {
            let part = place.dropFirst("#duplicate:".count)
            findings.error(
                "definition.duplicate", "\(part) is given twice", inFile: document.sourceFile, line: line,
                hint: "keep one of them")
        }
        for (part, isMissing) in [
            ("Dataset", useCase.dataset == nil), ("PromptPrototype", useCase.promptPrototype == nil),
            ("Validation", useCase.validation == nil),
        ] where isMissing {
            findings.error(
                "definition.missing_part", "there is no \(part) block", at: "useCase",
                hint: "add \(part) to the UseCase; workflows/ has examples")
        }
    }

    private static func checkDataset(_ useCase: UseCaseDefinition, _ facts: DatasetFacts, _ findings: inout Findings) {
        guard let dataset = useCase.dataset else { return }
        if let error = facts.error {
            findings.error(
                error.code.rawValue, "\(error.message): \(error.place ?? dataset.path)", at: "dataset", hint: error.hint
            )
        }
        if dataset.inputs.isEmpty {
            findings.error(
                "dataset.no_input", "the dataset names no input", at: "dataset", hint: "add Input(\"FIELD\")")
        }
        if dataset.expected.isEmpty {
            findings.error(
                "dataset.no_expected", "the dataset names no expected field", at: "dataset",
                hint: "add Expected(\"FIELD\")")
        }
        let unknown = fields(of: dataset).filter { !$0.name.isEmpty && !facts.fields.contains($0.name) }
        if facts.error == nil, !facts.fields.isEmpty {
            for (place, field) in unknown {
                findings.error(
                    "dataset.unknown_field", "the data has no field \(field)", at: place,
                    hint: Suggestion.hint(
                        for: field, among: facts.fields, else: "its fields are " + facts.fields.joined(separator: ", "))
                )
            }
        }
        // What every row lacks is said once, of the definition.
        let problems = facts.problems.filter { problem in
            facts.fields.isEmpty
                || !unknown.contains {
                    problem.message.hasPrefix("has no field \($0.name) beside ")
                        || facts.rowCount == 0
                            && (problem.message == "has no field \($0.name)"
                                || problem.message.hasPrefix("the header has no field \($0.name): "))
                }
        }
        for problem in problems.prefix(maximumRowProblems) {
            findings.error(
                "data.bad_row", problem.row > 0 ? "row \(problem.row) \(problem.message)" : problem.message,
                inFile: facts.path ?? dataset.path,
                line: problem.line, hint: nil)
        }
        if problems.count > maximumRowProblems {
            findings.error(
                "data.bad_rows", "\(problems.count - maximumRowProblems) more rows have problems",
                inFile: facts.path ?? dataset.path, line: problems[maximumRowProblems].line,
                hint: "mend the rows above first")
        }
        if facts.error == nil, facts.rowCount == 0, facts.problems.isEmpty, !dataset.expected.isEmpty {
            findings.error("data.empty", "the data file has no rows", at: "dataset", hint: "add labelled rows")
        }
        checkSplit(dataset.split, facts, useCase, &findings)
    }

    private static let maximumRowProblems = 20

    /// The fields that rows must have, or may, each with the part of the definition that names it.
    private static func fields(of dataset: DatasetDefinition) -> [(place: String, name: String)] {
        var fields: [(place: String, name: String)] = []
        for (index, input) in dataset.inputs.enumerated() {
            fields.append((place: "dataset.inputs[\(index)]", name: input))
        }
        fields.append((place: "dataset.expected", name: dataset.expected))
        if let preferences = dataset.preferences {
            for name in Set([preferences.chosen, preferences.rejected]).sorted() {
                fields.append((place: "dataset.preferences", name: name))
            }
        }
        if let group = dataset.group { fields.append((place: "dataset.group", name: group)) }
        return fields
    }

    private static func checkSplit(
        _ split: SplitDefinition?, _ facts: DatasetFacts, _ useCase: UseCaseDefinition, _ findings: inout Findings
    ) {
        guard let split else {
            findings.error(
                "dataset.no_split", "the dataset is not split", at: "dataset",
                hint: "add Split(prototype: 200, holdout: 300, seed: 7); the rest trains")
            return
        }
        for (name, count) in [("prototype", split.prototype), ("holdout", split.holdout)] where count < 1 {
            findings.error(
                "dataset.bad_split", "the \(name) split has \(count) rows", at: "dataset.split",
                hint: "give it at least 1")
        }
        if split.stratify == .label, facts.labels * 10 > facts.rowCount {
            findings.warning(
                "dataset.many_labels",
                "\(facts.labels) labels in \(facts.rowCount) rows are too many to stratify the splits by",
                at: "dataset.split", hint: "leave out stratify: .label")
        }
        let wanted = split.prototype.addingReportingOverflow(split.holdout)
        if facts.error == nil, facts.rowCount > 0, wanted.overflow || wanted.partialValue > facts.rowCount {
            findings.error(
                "dataset.split_too_large",
                "the splits ask for \(wanted.overflow ? "too many" : "\(wanted.partialValue)") rows, and the data has \(facts.rowCount)",
                at: "dataset.split", hint: "make the splits smaller, or label more rows")
        } else if let fineTune = useCase.fineTune, facts.rowCount > 0, split.prototype > 0, split.holdout > 0,
            facts.rowCount.saturatingDifference(wanted.partialValue) < fineTune.minimumExamples
        {
            findings.warning(
                "dataset.few_training_rows",
                "\(facts.rowCount.saturatingDifference(wanted.partialValue)) rows are left to train on, and \(fineTune.minimumExamples) are the least",
                at: "dataset.split", hint: "fine-tuning will ask for more data")
        }
    }

    private static func checkModels(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        if useCase.models.isEmpty {
            findings.error(
                "models.none", "no model is named", at: "useCase",
                hint: "add Models { Model(\"smollm2-135m-instruct\", at: .local) }")
        }
        if !useCase.models.isEmpty, useCase.models.allSatisfy({ $0.isTried == false }) {
            findings.error(
                "models.none_tried", "no model is tried: each says tried: false", at: "models",
                hint: "leave tried out for the models that are to answer")
        }
        var seen: Set<String> = []
        for (index, model) in useCase.models.enumerated() {
            let place = "models[\(index)]"
            if !seen.insert(model.name).inserted {
                findings.error(
                    "models.duplicate", "the model \(model.name) is named twice", at: place, hint: "keep one of them")
            }
            checkEndpoint(model.endpoint, at: place, &findings)
            checkWeights(model, at: place, &findings)
        }
    }

    private static func checkLocalModels(
        _ useCase: UseCaseDefinition, _ localModels: [String]?, _ findings: inout Findings
    ) {
        guard let localModels else { return }
        for (index, model) in useCase.models.enumerated()
        where model.endpoint == .local && !localModels.contains(model.name) {
            findings.error(
                "models.unknown_local", "no packaged model is named \(model.name)", at: "models[\(index)]",
                hint: Suggestion.hint(
                    for: model.name, among: localModels,
                    else:
                        "packaged models: \(localModels.joined(separator: ", ")); weights of yours are served with "
                        + "at: .local(weights: .gguf(\"/models/…\")), other servers with at: .openAICompatible(\"…\")"
                ))
        }
    }

    private static func checkFineTune(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        guard useCase.fineTune != nil else { return }
        checkTuned(useCase, &findings)
    }

    private static func checkReports(
        _ useCase: UseCaseDefinition, _ isKnownZone: (String) -> Bool, _ findings: inout Findings
    ) {
        for (index, schedule) in useCase.reports.enumerated() {
            let place = "reports[\(index)]"
            if schedule.zone.isEmpty {
                findings.error(
                    "reports.no_zone", "the report has no time zone", at: place,
                    hint: "in: \"Europe/Berlin\", for example")
            } else if !isKnownZone(schedule.zone) {
                findings.error(
                    "reports.unknown_zone", "\(schedule.zone) is not the IANA name of a time zone", at: place,
                    hint: ZoneName.hint(for: schedule.zone))
            }
            let parts = schedule.time.split(separator: ":", omittingEmptySubsequences: false)
            let hour = parts.count == 2 && parts[0].count == 2 ? Int(parts[0]) : nil
            let minute = parts.count == 2 && parts[1].count == 2 ? Int(parts[1]) : nil
            if !(0..<24).contains(hour ?? -1) || !(0..<60).contains(minute ?? -1) {
                findings.error(
                    "reports.bad_time", "\"\(schedule.time)\" is not a time of day", at: place,
                    hint: "write HH:MM, for example 09:00")
            }
            if schedule.formats.isEmpty {
                findings.error("reports.no_format", "the report has no format", at: place, hint: "as: .html, .markdown")
            }
        }
    }

    private static func isName(_ name: String) -> Bool {
        let letters = Array(name.utf8)
        guard let first = letters.first, letters.count <= 63, (0x61...0x7A).contains(first) else { return false }
        return letters.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    static func isVariable(_ name: String) -> Bool {
        guard let first = name.first, first == "_" || (first.isASCII && first.isLetter) else { return false }
        return name.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
            && name == name.uppercased()
    }
}

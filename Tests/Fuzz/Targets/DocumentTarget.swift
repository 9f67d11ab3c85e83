import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

@testable import FledgeAPI

/// A definition's document, as `fledge apply` sends it and as the database keeps it.
enum DocumentTarget {
    static func run(_ bytes: [UInt8]) {
        let data = Data(bytes)
        if let request = try? JSONProfile.wire.value(ApplyRequest.self, from: data) {
            let again = must("a request reads back") {
                try JSONProfile.wire.value(ApplyRequest.self, from: JSONProfile.wire.data(of: request))
            }
            expect(again == request || hasNaN(request), "a request is another after it was written and read")
            check(request.document)
        }
        // As the command line and the database read it.
        if let document = try? JSONDecoder().decode(DefinitionDocument.self, from: data) { check(document) }
    }

    private static func check(_ document: DefinitionDocument) {
        let text = document.canonicalJSON
        guard let again = try? JSONDecoder().decode(DefinitionDocument.self, from: Data(text.utf8)) else {
            // A request may say "nan" or "infinity", which no database keeps.
            let isRefused = diagnostics(of: document).contains { $0.severity == .error }
            return expect(isRefused, "a document that does not read back is taken")
        }
        expect(again == document, "a document is another after it was written and read")
        expect(again.canonicalJSON == text, "the canonical text is not always the same")
        let definition = document.useCase
        expect(DefinitionDiff.changes(from: definition, to: again.useCase).isEmpty, "a difference to itself")
        expect(!EvidenceChange.isNeeded(from: definition, to: again.useCase), "new evidence for the same")
        _ = DefinitionDiff.changes(from: nil, to: definition)
        let diagnostics = diagnostics(of: document)
        for diagnostic in diagnostics {
            expect(!diagnostic.code.isEmpty && !diagnostic.message.isEmpty, "a diagnostic that says nothing")
            expect(diagnostic.file == document.sourceFile, "\(diagnostic.code) is in no file")
            expect(diagnostic.line.map { document.locations.values.contains($0) } ?? true, "a line from nowhere")
        }
        expect(Self.diagnostics(of: again) == diagnostics, "other diagnostics for the same document")
        // What is refused is not reckoned with.
        guard !diagnostics.contains(where: { $0.severity == .error }) else { return }
        reckon(definition)
    }

    /// What is not the same as itself.
    private static func hasNaN(_ request: ApplyRequest) -> Bool { request != request }

    private static let answers = ["billing", "delivery", "other"]
    private static let rows = answers.map { (inputs: ["text": "about \($0)"], expected: $0) }

    /// The data is such as most definitions of the corpus name, so that some pass.
    private static func diagnostics(of document: DefinitionDocument) -> [Diagnostic] {
        let dataset = document.useCase.dataset
        let fields = (dataset?.inputs ?? []) + [dataset?.expected ?? ""] + [dataset?.group].compactMap(\.self)
        let facts = DatasetFacts(
            error: nil, rowCount: 600, fields: Set(fields).sorted(), labels: answers.count, problems: [],
            path: "/data.csv",
            answers: answers.map { (text: $0, rows: 200) })
        return DefinitionValidator.diagnostics(
            for: document, dataset: facts, isKnownZone: ZoneName.isKnown,
            isRegularExpression: RegularExpressionScorer.compiles, localModels: ["smollm2-135m-instruct"])
    }

    /// What is computed of a definition that is taken.
    private static func reckon(_ definition: UseCaseDefinition) {
        for count in [0, 3, 1_000_000] {
            let forecast = CycleForecast(
                definition, prototype: rows, holdout: count, training: count, hasChampion: count > 0)
            expect(forecast.gateCalls >= 0 && forecast.gates > 0, "calls below none")
            expect((forecast.costMicroDollars ?? 0) >= 0, "a cost below nothing")
            _ = must("a forecast is told") { try JSONProfile.wire.data(of: forecast) }
        }
        for prompt in definition.promptPrototype?.prompts ?? [] { _ = CanonicalJSON.text(of: prompt) }
    }
}

import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Testing

/// A column that holds JSON, and the type whose values it holds.
///
/// `Golden/payloads` has a file for each, with a text a line as the column had it when it was recorded: a line that reads back
/// as something else, or is written in another way, is one that a daemon of another version does not understand. What is new
/// gets a value in one of the lines, or a line of its own; what stands in them is left as it is.
struct StoredPayload: CustomTestStringConvertible, Sendable {
    /// `table.column`, and what tells its payloads apart where there are several kinds.
    let name: String
    /// Reads a text, and writes the value again.
    let again: @Sendable (String) throws -> (value: Any, text: String)

    var testDescription: String { name }
    var column: String { name.split(separator: ".").prefix(2).joined(separator: ".") }

    var lines: [String] {
        get throws {
            let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Golden/payloads/\(name).jsonl")
            return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }

    private static func stored<Value: Codable & SendableMetatype>(_ name: String, _ type: Value.Type) -> StoredPayload {
        StoredPayload(name: name) { text in
            let value = try JSONProfile.stored.value(type, from: text)
            return (value, try JSONProfile.stored.text(of: value))
        }
    }

    /// An event of the history is canonical JSON, which its transition's hash is made of; the number of the rules is left out.
    private static let evidence = StoredPayload(name: "transition.evidence") { text in
        guard let event = RecordedEvent(text)?.event else { throw CocoaError(.coderReadCorrupt) }
        return (event, try JSONProfile.canonical.text(of: event))
    }

    static let all = [
        stored("access_token.grants", AccessGrant.self), stored("adapter.facts", AdapterFacts.self),
        stored("adapter.golden", GoldenCheck.self), stored("candidate.document", Candidate.self),
        stored("cycle.state", CycleState.self), stored("decision.record", Decision.self),
        stored("definition_revision.document", DefinitionDocument.self),
        stored("example.fields", [String: String].self), stored("example.inputs", [String: String].self),
        stored("experiment.finding", SearchFinding.self), stored("gate.result", GateResult.self),
        stored("judge_verdict.replies", [String: JudgeReply].self), stored("label.item", JudgedItem.self),
        stored("release.bundle", ReleaseBundle.self), stored("report.document", PromotionReport.self),
        stored("report.files", [String: String].self),
        stored("report_schedule.definition", ReportScheduleDefinition.self),
        stored("response_cache.response", Completion.self), stored("sample.scores", [String: Double].self),
        stored("sweep.record", SweepRecord.self), stored("training_job.run", TrialRun.self), evidence,
        stored("work_item.payload", CycleAction.self),
        stored("work_item.payload.write-report", ReportRequest.self),
    ]
}

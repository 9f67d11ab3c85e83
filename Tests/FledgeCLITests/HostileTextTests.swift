import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeCLI

/// Every text of a value in turn replaced by a hostile one, as a row of before or a foreign server may hold it.
private struct Hostile<Value: Codable> {
    let value: Value

    /// Values of which one text has `words` behind it; those that can't be read then are left out.
    func variants(_ words: String) throws -> [(path: String, value: Value)] {
        let tree = try JSONSerialization.jsonObject(
            with: JSONProfile.wire.data(of: value), options: [.fragmentsAllowed])
        return Self.leaves(of: tree).compactMap { path in
            let changed = Self.changing(tree, path[...], words)
            guard let data = try? JSONSerialization.data(withJSONObject: changed, options: [.fragmentsAllowed]),
                let value = try? JSONProfile.wire.value(Value.self, from: data)
            else { return nil }
            return (path.joined(separator: "."), value)
        }
    }

    private static func leaves(of tree: Any) -> [[String]] {
        switch tree {
        case is String: [[]]
        case let object as [String: Any]:
            object.sorted { $0.key < $1.key }.flatMap { key, part in leaves(of: part).map { [key] + $0 } }
        case let list as [Any]:
            list.enumerated().flatMap { index, part in leaves(of: part).map { ["\(index)"] + $0 } }
        default: []
        }
    }

    private static func changing(_ tree: Any, _ path: ArraySlice<String>, _ words: String) -> Any {
        guard let key = path.first else { return "\(tree)\(words)" }
        if var object = tree as? [String: Any] {
            object[key] = changing(object[key] ?? "", path.dropFirst(), words)
            return object
        }
        guard var list = tree as? [Any], let index = Int(key) else { return tree }
        list[index] = changing(list[index], path.dropFirst(), words)
        return list
    }
}

@Suite("Hostile words at a terminal")
struct HostileTextTests {
    static let hostile =
        "\u{1B}[2J\u{1B}]0;owned\u{7}\r\u{85}\u{202E}\n  3  2026-01-01T00:00:00Z  1  approval-given  forged"
        + String(repeating: "x", count: 1 << 17)

    /// - Parameter hasLines: whether a text of several lines, such as a prompt, is shown as one.
    private func check<Value: Codable>(
        _ value: Value, hasLines: Bool = false, atLeast: Int = 1, _ render: (Value) -> String
    ) throws {
        let variants = try Hostile(value: value).variants(Self.hostile)
        #expect(variants.count >= atLeast)
        let plain = Dictionary(
            uniqueKeysWithValues: try Hostile(value: value).variants("x").map { ($0.path, $0.value) })
        for (path, variant) in variants {
            let text = render(variant)
            #expect(
                text.unicodeScalars.allSatisfy { $0 == "\n" || !InertText.isSteering($0) },
                "\(path) steers the terminal")
            #expect(text.utf8.count < 100_000, "\(path) is shown whole")
            #expect(
                !text.split(separator: "\n").contains { $0.hasPrefix("  3  2026") || $0.hasPrefix("3  2026") }
                    || hasLines)
            if !hasLines, let plain = plain[path] {
                #expect(
                    text.count { $0 == "\n" } == render(plain).count { $0 == "\n" }, "\(path) forges a line")
            }
        }
    }

    @Test("a row of the history can't be forged by an actor or a reason")
    func history() throws {
        var entry = Fixtures.entry(2)
        entry.actor = "user:ada\n3  2026-01-01T00:00:00Z  1  approval-given  production  live  user:eve"
        let table = HistoryText.table([Fixtures.entry(1), entry])
        #expect(table.split(separator: "\n").count == 3)
        #expect(!table.split(separator: "\n").contains { $0.hasPrefix("3 ") })
        try check([Fixtures.entry(1), entry], atLeast: 4) { HistoryText.table($0) }
        try check(entry, atLeast: 2) { HistoryText.transition($0, of: "triage") }
    }

    @Test("nor a line of what is explained, listed, decided or labelled")
    func renderers() throws {
        let status = Fixtures.status(
            block: CycleState.Block(code: "a.b", message: "why"), gate: Fixtures.gate(.failed),
            progress: Fixtures.progress, release: 2, serving: 0)
        try check([status], atLeast: 4) { StatusText.table($0) }
        try check(status, atLeast: 4) { StatusText.line($0, width: 20) }
        try check(status) { Pause($0)?.sentence ?? "" }
        var explanation = Fixtures.explanation
        explanation.status = status
        explanation.settledLeaks = try Fixtures.dataReport.settled
        try check(explanation, atLeast: 8) { ExplanationText.render($0) }
        try check(Fixtures.auditReport, atLeast: 2) { AuditText.render($0) }
        try check(Fixtures.decision(.fineTune), atLeast: 4) { DecisionText.details($0) }
        try check(Fixtures.ledger, atLeast: 3) { GateText.ledger($0) }
        try check(Fixtures.scores, atLeast: 2) { WorkText.experiments($0) }
        try check([Fixtures.job(hasEnded: false)], atLeast: 2) { WorkText.jobs($0) }
        try check(Fixtures.job(hasEnded: false), atLeast: 2) { LocalTrainings.sentence($0) }
        try check([Fixtures.judgeStatus], atLeast: 2) { LabelText.status($0, useCase: "triage") }
        try check(Fixtures.golden, hasLines: true) { GoldenText.render($0) }
        try check(Fixtures.labelSheet, hasLines: true) { sheet in
            LabelText.entry(sheet.entries[0].item, of: sheet.judge, number: 1, total: 1)
        }
        let models = [
            ModelStatus(
                name: "small", endpoint: "http://x", isReachable: false, revision: "r", adapters: [], problem: "refused"
            )
        ]
        try check(models, atLeast: 3) { WorkText.models($0, now: Fixtures.date) }
        let plan = PlanResult(
            name: "triage", currentRevision: 1, isNew: true, changes: ["a prompt changed"],
            diagnostics: [
                Diagnostic(severity: .warning, code: "a.b", message: "m", file: "f.swift", line: 3, hint: "do this")
            ])
        try check(plan, atLeast: 5) { DefinitionText.plan($0) }
        try check(plan.diagnostics, atLeast: 4) { DefinitionText.diagnostics($0, of: ["triage"]) }
        let daemon = DaemonStatus(
            version: "1", processID: 1, startedAt: Fixtures.date, stateDirectory: "/s", database: "d", dueWork: 0,
            leasedWork: 0)
        try check(daemon, atLeast: 3) { DaemonText.status($0) }
        let findings = [DoctorFinding(part: "python", state: .problem, detail: "none", todo: "install it")]
        try check(findings, atLeast: 2) { DoctorFinding.render($0) }
    }

    @Test("an error of a server or a compiler can't pass for one of ours")
    func errors() {
        let error = FledgeError(
            "a.b", "refused\nfledge: everything is fine [ok]\u{1B}[2J", place: "model\nfledge: x",
            hint: "try\nfledge: y")
        let lines = ErrorText.render(error).split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("fledge: ") }.count == 1)
        #expect(!ErrorText.render(error).contains("\u{1B}"))
    }

    @Test("a sheet for a spreadsheet holds no formula, and one for programs is exact")
    func sheet() async throws {
        try await TemporaryDirectory.with { directory in
            let item = JudgedItem(inputs: ["question": "@SUM(1)"], answer: "=cmd()|'/C calc'!A0", expected: "+1+1")
            let sheet = LabelSheet(
                useCase: "triage", judge: Fixtures.judge, entries: [LabelSheet.Entry(id: item.id, item: item)],
                labelled: 0)
            try LabelFile(path: "\(directory)/sheet.csv").write(sheet)
            let text = try String(contentsOfFile: "\(directory)/sheet.csv", encoding: .utf8)
            #expect(text.contains("\"'=cmd()|'/C calc'!A0\"") && text.contains("\"'@SUM(1)\""))
            try LabelFile(path: "\(directory)/sheet.jsonl").write(sheet)
            let exact = try String(contentsOfFile: "\(directory)/sheet.jsonl", encoding: .utf8)
            #expect(exact.contains("\"=cmd()|'/C calc'!A0\""))
        }
    }

    @Test("JSON is exact, whatever it holds")
    func json() throws {
        var entry = Fixtures.entry(1)
        entry.actor = "a\n\u{1B}\u{202E}=\u{85}"
        let text = try JSONProfile.wire.indentedText(of: [entry])
        #expect(try JSONProfile.wire.value([HistoryEntry].self, from: Data(text.utf8)) == [entry])
    }
}

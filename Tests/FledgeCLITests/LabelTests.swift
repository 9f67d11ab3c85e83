import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeCLI

@Suite("fledge label")
struct LabelTests {
    /// A person who types these lines, and what they saw and gave.
    private static func session(_ typed: [String], sheet: LabelSheet = Fixtures.labelSheet) async throws
        -> (shown: String, given: [PersonAnswer])
    {
        var lines = typed[...]
        var shown = ""
        var given: [PersonAnswer] = []
        _ = try await LabelSession(sheet: sheet, read: { lines.popFirst() }, write: { shown += $0 }) { entry in
            given.append(entry.verdict)
            return Fixtures.judgeStatus
        }.run()
        return (shown, given)
    }

    @Test("each label is stored as it is given, and nothing of the judge's verdict is shown")
    func session() async throws {
        let (shown, given) = try await Self.session(["p", " Fail ", "what", "s"])
        #expect(given == [.pass, .fail, .skip])
        #expect(
            shown.contains("It answers the question.") && shown.contains("The capital?") && shown.contains("3 of 3"))
        #expect(shown.contains("Type p, f, s or q"))
        #expect(!shown.contains("\u{1B}"))
    }

    @Test("stopping, or the end of the input, keeps what was given", arguments: [["f", "q"], ["f"]])
    func stop(typed: [String]) async throws {
        let (shown, given) = try await Self.session(typed)
        #expect(given == [.fail])
        #expect(shown.contains("Stopped after 1 of 3"))
    }

    @Test("with every answer labelled, nothing is asked")
    func nothingLeft() async throws {
        var sheet = Fixtures.labelSheet
        sheet.entries = []
        sheet.labelled = 7
        let (shown, given) = try await Self.session(["p"], sheet: sheet)
        #expect(given.isEmpty && shown.contains("every answer that there is (7)"))
    }

    @Test("a sheet comes back as it was filled in", arguments: ["sheet.csv", "sheet.jsonl"])
    func sheet(name: String) async throws {
        try await TemporaryDirectory.with { directory in
            let file = LabelFile(path: "\(directory)/\(name)")
            try file.write(Fixtures.labelSheet)
            var text = try String(contentsOfFile: file.path, encoding: .utf8)
            for (index, word) in ["pass", "fail"].enumerated() {
                let id = Fixtures.labelSheet.entries[index].id.rawValue
                text = text.replacing("\"\(id)\",\"\"", with: "\"\(id)\",\"\(word)\"")
                var lines: [String] = []
                for line in text.split(separator: "\n").map(String.init) {
                    let isIt = line.contains("\"id\":\"\(id)\"")
                    lines.append(isIt ? line.replacing("\"label\":\"\"", with: "\"label\":\"\(word)\"") : line)
                }
                text = lines.joined(separator: "\n")
            }
            try text.write(toFile: file.path, atomically: true, encoding: .utf8)
            let entries = try file.entries()
            #expect(entries.map(\.id) == Fixtures.labelSheet.entries.prefix(2).map(\.id))
            #expect(entries.map(\.verdict) == [.pass, .fail])
        }
    }

    @Test("a sheet that is there is not overwritten, and other kinds of files are refused")
    func refusals() async throws {
        try await TemporaryDirectory.with { directory in
            let file = LabelFile(path: "\(directory)/sheet.csv")
            try file.write(Fixtures.labelSheet)
            #expect(Self.code { try file.write(Fixtures.labelSheet) } == "label.file_exists")
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode.map { $0 & 0o077 } == 0)
            // A link that leads nowhere yet would have the sheet written elsewhere.
            let link = LabelFile(path: "\(directory)/link.csv")
            try FileManager.default.createSymbolicLink(
                atPath: link.path, withDestinationPath: "\(directory)/elsewhere")
            #expect(Self.code { try link.write(Fixtures.labelSheet) } == "label.file_exists")
            #expect(!FileManager.default.fileExists(atPath: "\(directory)/elsewhere"))
            #expect(
                Self.code { try LabelFile(path: "\(directory)/s.txt").write(Fixtures.labelSheet) }
                    == "label.unknown_format")
            // Nothing is filled in.
            #expect(Self.code { _ = try file.entries() } == "label.no_labels")
            #expect(Self.code { _ = try LabelFile(path: "\(directory)/none.csv").entries() } == "data.missing")
        }
    }

    @Test("every wrong row of a sheet is named, and nothing is taken")
    func badRows() async throws {
        try await TemporaryDirectory.with { directory in
            let id = Fixtures.labelSheet.entries[0].id.rawValue
            let path = "\(directory)/bad.csv"
            try "id,label\n\(id),pass\n\(id),perhaps\nnumber-3,fail\n".write(
                toFile: path, atomically: true, encoding: .utf8)
            do {
                _ = try LabelFile(path: path).entries()
                Issue.record("the rows were taken")
            } catch let error as FledgeError {
                #expect(error.code == "label.bad_row" && error.exitCode == .badData)
                #expect(error.message.contains("row 2 has a label") && error.message.contains("row 3 has an id"))
            }
        }
    }

    @Test("the status shows the matrix, kappa, both shares with their intervals, and what is missing")
    func status() {
        let text = LabelText.status([Fixtures.judgeStatus], useCase: "triage")
        for part in [
            "13 of 50 labels", "judge passes            8            1", "kappa 0.556",
            "sensitivity 0.889 [0.518, 0.997], n = 9",
            "specificity 0.667 [0.094, 0.992], n = 3", "38 more of 50 labels", "fledge label triage --metric helpful",
            "1 labelled answers wait",
        ] { #expect(text.contains(part), "\(part) in \(text)") }
    }

    @Test("explain shows the corrected share beside the judge's own")
    func explanation() {
        var result = CriterionResult(
            criterion: CriterionDefinition(metric: .judged(Fixtures.judge), bound: .atLeast(0.7)), verdict: .passed,
            value: 0.941, lower: 0.83, upper: 1, count: 300, alpha: 0.025)
        result.judged = JudgedEvidence(
            raw: 0.9, isCorrected: true,
            matrix: ConfusionMatrix(truePasses: 95, falseFails: 5, falsePasses: 10, trueFails: 90))
        let text = ExplanationText.criterion(result)
        #expect(text.contains("0.941 [0.830, 1.000]"))
        #expect(
            text.contains(
                "corrected from the judge's own 0.900 by its sensitivity 0.950 and specificity 0.900 on 200 labels"))
    }

    private static func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return (error as? FledgeError)?.code.rawValue ?? "\(error)" }
    }
}

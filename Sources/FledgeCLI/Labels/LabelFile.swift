import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Glibc
import ManagedProcess

/// A sheet of answers to be labelled, as CSV or JSONL.
struct LabelFile {
    let path: String

    private var isJSON: Bool {
        get throws {
            switch URL(fileURLWithPath: path).pathExtension.lowercased() {
            case "jsonl", "ndjson": return true
            case "csv": return false
            default:
                throw FledgeError(
                    "label.unknown_format", "a sheet is a CSV or JSONL file", place: path,
                    hint: "let its name end in .csv or .jsonl")
            }
        }
    }

    /// Writes the answers with an empty `label` each. A file that is there is left alone: it may be half filled in.
    func write(_ sheet: LabelSheet) throws {
        let isJSON = try isJSON
        // Also a link that leads nowhere is there.
        guard (try? FileManager.default.attributesOfItem(atPath: path)) == nil else {
            throw FledgeError(
                "label.file_exists", "there is a file already", place: path, hint: "choose another name, or remove it")
        }
        let rows = sheet.entries.map { Self.fields($0, of: sheet.judge) }
        let text: String
        if isJSON {
            text = try rows.map { row in
                try JSONProfile.exported.text(of: Dictionary(row) { first, _ in first }) + "\n"
            }.joined()
        } else {
            let header = rows.first?.map(\.0) ?? ["id", "label"]
            text = ([header] + rows.map { $0.map(\.1) }).map { $0.map(InertText.csv).joined(separator: ",") + "\n" }
                .joined()
        }
        do {
            // The file holds questions and answers, so it is closed to other users, and no existing file is replaced.
            let file = try PrivateFile.make(path)
            defer { close(file) }
            try PrivateFile.put(Data(text.utf8), into: file, path)
        } catch {
            throw FledgeError(
                "label.cannot_write", "the sheet cannot be written: \(error.message)", place: path,
                hint: "check the folder's permissions")
        }
    }

    private static func fields(_ entry: LabelSheet.Entry, of judge: JudgeDefinition) -> [(String, String)] {
        var fields = [("id", entry.id.rawValue), ("label", "")]
        fields += entry.item.inputs.sorted { $0.key < $1.key }.map { ("input.\($0.key)", $0.value) }
        fields.append(("answer", entry.item.answer))
        if judge.reference == .expected { fields.append(("expected", entry.item.expected)) }
        return fields + [("rubric", judge.rubric)]
    }

    /// The labels that were filled in; rows without one are left out.
    ///
    /// - Throws: `label.bad_row` with every row that is wrong.
    func entries() throws -> [LabelRequest.Entry] {
        _ = try isJSON
        // The reader of datasets, with the id as what every row must have.
        let contents = try DatasetReader().read(
            DatasetDefinition(path: path, inputs: ["label"], expected: "id"),
            relativeTo: FileManager.default.currentDirectoryPath)
        var problems = contents.problems.map(\.sentence)
        var entries: [LabelRequest.Entry] = []
        for row in contents.rows {
            let word = AnswerText.trimmed(row.inputs["label"] ?? "").lowercased()
            if word.isEmpty { continue }
            let verdict = PersonAnswer(rawValue: word)
            let id = Digest(rawValue: row.expected)
            if verdict == nil { problems.append("row \(row.row) has a label that is none of pass, fail and skip") }
            if id == nil { problems.append("row \(row.row) has an id that is none of a sheet's") }
            if let verdict, let id { entries.append(LabelRequest.Entry(id: id, verdict: verdict)) }
        }
        if !problems.isEmpty {
            throw FledgeError(
                "label.bad_row", problems.prefix(20).joined(separator: "; "), place: path,
                hint: "nothing was taken; mend the rows and try again")
        }
        guard !entries.isEmpty else {
            throw FledgeError(
                "label.no_labels", "no row has a label", place: path, hint: "write pass, fail or skip into label")
        }
        return entries
    }
}

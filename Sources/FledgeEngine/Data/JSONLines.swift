import Foundation

/// Reads JSON objects, one a line, with their values as text.
enum JSONLines {
    static func records(
        of text: String, problems: inout [DatasetContents.Problem]
    ) -> [(row: Int, fields: [String: String])] {
        var records: [(row: Int, fields: [String: String])] = []
        var number = 0
        // CR LF is one character to Swift, and other newlines may stand inside a JSON string.
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            number += 1
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            do {
                let fields = try JSONDecoder().decode([String: Field].self, from: Data(line.utf8))
                records.append((number, fields.compactMapValues(\.text)))
            } catch {
                problems.append(.init(row: number, message: "is not a JSON object with plain values"))
            }
        }
        return records
    }

    /// Text as it is; numbers and truth values as JSON writes them; null as absent.
    private struct Field: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = nil
            } else if let value = try? container.decode(String.self) {
                text = value
            } else if let value = try? container.decode(Bool.self) {
                text = value ? "true" : "false"
            } else if let value = try? container.decode(Int64.self) {
                text = String(value)
            } else {
                text = String(try container.decode(Double.self))
            }
        }
    }
}

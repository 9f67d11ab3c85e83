import Foundation
import ManagedProcess

/// What Python's `csv` and `json` read in a file.
struct PythonReading: Decodable {
    struct Record {
        /// The line that it begins on.
        var line: Int
        /// Whether it is refused, whatever it holds.
        var isFaulty: Bool
        /// Of a table, in the header's order.
        var fields: [String]
        /// Of an object; a null is left out.
        var members: [String: String]
    }

    var name: String
    var readable: Bool
    var header: [String]?
    var line: Int
    var faulty: Bool
    var records: [Record]

    /// Has one Python process read every file of a folder.
    static func all(in folder: String, output: String) async throws -> [String: PythonReading] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "References/read_data_files.py")
        let result = try await Command("python3", [script.path, folder, output]).run(timeout: .seconds(300))
        guard result.exit.isSuccess else { throw Failure(message: result.errorOutput) }
        let decoder = JSONDecoder()
        let readings = try Data(contentsOf: URL(filePath: output)).split(separator: UInt8(ascii: "\n"))
            .map { try decoder.decode(PythonReading.self, from: $0) }
        return Dictionary(uniqueKeysWithValues: readings.map { ($0.name, $0) })
    }

    struct Failure: Error { var message: String }
}

extension PythonReading.Record: Decodable {
    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        line = try container.decode(Int.self)
        isFaulty = try container.decode(Bool.self)
        if let fields = try? container.decode([String].self) {
            self.fields = fields
            members = [:]
        } else {
            fields = []
            members = try container.decode([String: String?].self).compactMapValues { $0 }
        }
    }
}

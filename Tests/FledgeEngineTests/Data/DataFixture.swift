import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation

/// Reads what a test writes, as a data file of a definition with an input `text` and an answer `label`.
enum DataFixture {
    static func dataset(_ path: String, group: String? = nil) -> DatasetDefinition {
        DatasetDefinition(path: path, inputs: ["text"], expected: "label", group: group)
    }

    static func read(_ name: String, _ bytes: [UInt8], group: String? = nil) async throws -> DatasetContents {
        try await TemporaryDirectory.with { directory in
            try Data(bytes).write(to: URL(fileURLWithPath: directory + "/" + name))
            return try DatasetReader().read(dataset(name, group: group), relativeTo: directory)
        }
    }

    static func read(_ name: String, _ text: String, group: String? = nil) async throws -> DatasetContents {
        try await read(name, Array(text.utf8), group: group)
    }

    /// The error of a file that is refused as a whole.
    static func refusal(_ name: String, _ bytes: [UInt8]) async -> FledgeError? {
        do {
            _ = try await read(name, bytes)
            return nil
        } catch { return error as? FledgeError }
    }
}

extension DatasetContents {
    /// Input and answer of each row.
    var pairs: [[String]] { rows.map { [$0.inputs["text"] ?? "", $0.expected] } }
}

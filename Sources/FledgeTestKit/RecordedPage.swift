import Foundation

/// A page of documentation that is made from the code and committed: a test compares the two.
package enum RecordedPage {
    /// What is committed, after it was written anew where `FLEDGE_RECORD` is 1.
    ///
    /// - Parameter path: below the root of the repository.
    package static func committed(_ path: String, made text: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
            .standardizedFileURL
        if ProcessInfo.processInfo.environment["FLEDGE_RECORD"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return try String(contentsOf: file, encoding: .utf8)
    }
}

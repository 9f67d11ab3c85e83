import Foundation
import Testing

/// A committed text that an output must equal; `FLEDGE_RECORD=1` writes it anew.
struct GoldenFile {
    let name: String

    private var url: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
    }

    func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        if ProcessInfo.processInfo.environment["FLEDGE_RECORD"] == "1" {
            try Data(text.utf8).write(to: url)
            return
        }
        let recorded = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        guard recorded != text else { return }
        let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
        let new = text.split(separator: "\n", omittingEmptySubsequences: false)
        let changes = new.difference(from: old).map { change in
            switch change {
            case .remove(let line, let element, _): "\(line + 1) - \(element.prefix(300))"
            case .insert(let line, let element, _): "\(line + 1) + \(element.prefix(300))"
            }
        }
        Issue.record(
            "\(name) differs from what was recorded (FLEDGE_RECORD=1 records it anew):\n\(changes.prefix(40).joined(separator: "\n"))",
            sourceLocation: sourceLocation)
    }
}

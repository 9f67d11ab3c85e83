import FledgeClient
import Foundation

/// How far data files are on their way to the daemon, in the one line of a fetch; nothing where all go in an instant.
struct UploadLine: UploadProgress {
    private let line = FetchProgress(isTerminal: true)

    func begin(total: Int64) { line.begin(total: total, present: 0) }
    func file(_ path: String) { line.file(URL(filePath: path).lastPathComponent) }
    func sent(_ count: Int) { line.received(count) }
    func end() { line.end() }
}

import FledgeCore
import Foundation

/// Where the daemon's log goes: a record is a line, whatever is said in it.
///
/// Servers' errors, names and reasons stand in records. One with a line break in it would look like a second record.
struct LogLines: TextOutputStream, Sendable {
    private let put: @Sendable (String) -> Void

    init(
        put: @escaping @Sendable (String) -> Void = {
            try? FileHandle.standardError.write(contentsOf: Data($0.utf8))
        }
    ) {
        self.put = put
    }

    /// - Parameter record: whole, with the line break at its end.
    func write(_ record: String) {
        put(InertText.log(record.hasSuffix("\n") ? String(record.dropLast()) : record) + "\n")
    }
}

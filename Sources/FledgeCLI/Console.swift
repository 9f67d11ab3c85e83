import Foundation
import Glibc

/// Where the command line writes.
enum Console {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Colour is for people at a terminal who did not refuse it (no-color.org).
    static var hasColour: Bool {
        let refused = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return isTerminal && !refused && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    static func write(_ text: String) { put(text.hasSuffix("\n") ? text : text + "\n", on: .standardOutput) }

    static func writeRaw(_ text: String) { put(text, on: .standardOutput) }

    static func error(_ text: String) { put(text + "\n", on: .standardError) }

    private static func put(_ text: String, on handle: FileHandle) {
        // A reader that went away (`fledge … | head`) is no error of ours.
        try? handle.write(contentsOf: Data(text.utf8))
    }
}

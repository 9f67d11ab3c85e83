import FledgeCore
import Foundation
import Glibc

/// Where the command line writes.
enum Console {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Colour is for people at a terminal who did not refuse it (no-color.org).
    static var hasColour: Bool {
        let refused = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return isTerminal && !refused && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    // What the renderers left is taken out here: nothing but `writeExactly` and what draws steers a terminal.

    static func write(_ text: String) {
        let text = InertText.block(text)
        put(text.hasSuffix("\n") ? text : text + "\n", on: .standardOutput)
    }

    /// For programs: JSON, byte for byte.
    static func writeExactly(_ text: String) { put(text + "\n", on: .standardOutput) }

    /// Words of ours that draw, around words from outside that passed through `InertText`.
    static func writeRaw(_ text: String) { put(text, on: .standardOutput) }

    static func error(_ text: String) { put(InertText.block(text) + "\n", on: .standardError) }

    /// As `writeRaw`.
    static func errorRaw(_ text: String) { put(text, on: .standardError) }

    private static func put(_ text: String, on handle: FileHandle) {
        // A reader that went away (`fledge … | head`) is no error of ours.
        try? handle.write(contentsOf: Data(text.utf8))
    }
}

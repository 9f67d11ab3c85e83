import FledgeCore

/// Words for a shell's command line, as hints show them.
enum ShellWord {
    /// The text as it is where no shell would take it apart, else in single quotes.
    static func quoted(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "._-/".utf8.contains(byte)
        }
        return plain && !text.isEmpty && !text.hasPrefix("-")
            ? text : "'" + text.replacingScalars(of: "'", with: "'\\''") + "'"
    }
}

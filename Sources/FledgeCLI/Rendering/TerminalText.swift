import FledgeCore

/// Text of several lines for a terminal, in which every word that came from outside stays on its own line.
enum TerminalText {
    /// Each as one line.
    static func lines(_ lines: some Sequence<String>) -> String {
        lines.map { InertText.line($0) }.joined(separator: "\n")
    }

    /// Words of several lines below a heading of their own: later lines stand below the first.
    static func hanging(_ text: String, indent: Int) -> String {
        InertText.block(text, limit: 20_000).split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}
